-- Which log entries are there from one time to another, in BigQuery and in the cold tier, each once?
-- Arguments: since TIMESTAMP (inclusive), until TIMESTAMP (exclusive).
-- Columns: those of log_entries.
-- Of the cold tier it reads the files of the days between, where the view logs has to look at all of them.
CREATE OR REPLACE TABLE FUNCTION logs_between(since TIMESTAMP, until TIMESTAMP)
OPTIONS(description="Log entries of [since, until), hot and cold as one, each once: of rows with one insert_id the first received.")
AS
SELECT *
FROM (
  SELECT
    insert_id, timestamp, timestamp_source, received_at, service, instance, severity, severity_number,
    message, pattern_id, http_status, latency_ms, error_code, trace_id, span_id, request_id, user_id, labels,
    anomaly_score, anomaly_reasons, format
  FROM log_entries
  WHERE timestamp >= since AND timestamp < until
  UNION ALL
  SELECT
    insert_id, timestamp, timestamp_source, received_at, service, instance, severity, severity_number,
    message, pattern_id, http_status, latency_ms, error_code, trace_id, span_id, request_id, user_id,
    PARSE_JSON(labels, wide_number_mode => 'round') AS labels, anomaly_score,
    IF(anomaly_reasons = '', CAST([] AS ARRAY<STRING>), SPLIT(anomaly_reasons, ',')) AS anomaly_reasons,
    format
  FROM log_entries_cold
  WHERE day >= DATE(since) AND day <= DATE(until) AND timestamp >= since AND timestamp < until
)
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1;

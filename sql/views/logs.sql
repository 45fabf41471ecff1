-- Which log entries are there, in BigQuery and in the cold tier, each once?
CREATE OR REPLACE VIEW logs
OPTIONS(description="Log entries, hot and cold as one, each once: of rows with one insert_id the first received. Filter on timestamp. For old days logs_between reads fewer files; hot_logs reads none.")
AS
SELECT *
FROM (
  SELECT
    insert_id, timestamp, timestamp_source, received_at, service, instance, severity, severity_number,
    message, pattern_id, http_status, latency_ms, error_code, trace_id, span_id, request_id, user_id, labels,
    anomaly_score, anomaly_reasons, format
  FROM log_entries
  UNION ALL
  SELECT
    insert_id, timestamp, timestamp_source, received_at, service, instance, severity, severity_number,
    message, pattern_id, http_status, latency_ms, error_code, trace_id, span_id, request_id, user_id,
    PARSE_JSON(labels, wide_number_mode => 'round') AS labels, anomaly_score,
    IF(anomaly_reasons = '', CAST([] AS ARRAY<STRING>), SPLIT(anomaly_reasons, ',')) AS anomaly_reasons,
    format
  FROM log_entries_cold
)
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1;

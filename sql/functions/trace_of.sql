-- What happened in one request, across services?
-- Arguments: one_trace STRING (trace id), since TIMESTAMP (inclusive), until TIMESTAMP (exclusive).
-- Columns: step (1, 2, … in order of time), since_start_ms, timestamp, service, instance, severity, severity_number, message, http_status, latency_ms, error_code, span_id, request_id, user_id, insert_id.
CREATE OR REPLACE TABLE FUNCTION trace_of(one_trace STRING, since TIMESTAMP, until TIMESTAMP)
OPTIONS(description="Entries of one trace in [since, until), hot and cold, each once and numbered in order, with the time since the first.")
AS
WITH found AS (
  SELECT
    timestamp, service, instance, severity, severity_number, message, http_status, latency_ms, error_code, span_id,
    request_id, user_id, insert_id, received_at
  FROM log_entries
  WHERE timestamp >= since AND timestamp < until AND trace_id = one_trace
  UNION ALL
  SELECT
    timestamp, service, instance, severity, severity_number, message, http_status, latency_ms, error_code, span_id,
    request_id, user_id, insert_id, received_at
  FROM log_entries_cold
  WHERE day >= DATE(since) AND day <= DATE(until) AND timestamp >= since AND timestamp < until
    AND trace_id = one_trace
), entries AS (
  SELECT *
  FROM found
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1
)
SELECT
  ROW_NUMBER() OVER (ORDER BY timestamp, insert_id) AS step,
  TIMESTAMP_DIFF(timestamp, MIN(timestamp) OVER (), MILLISECOND) AS since_start_ms,
  * EXCEPT (received_at)
FROM entries;

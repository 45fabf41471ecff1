-- Which requests failed in the last 24 hours, and why?
CREATE OR REPLACE VIEW failures
OPTIONS(description="Dashboard Failures: entries of the last 24 hours of severity ERROR or higher, or with an HTTP status of 500 or more.")
AS
SELECT
  timestamp,
  service,
  instance,
  severity,
  http_status,
  error_code,
  message,
  pattern_id,
  latency_ms,
  trace_id,
  request_id,
  user_id,
  anomaly_score
FROM recent_logs
WHERE severity_number >= 500 OR http_status >= 500;

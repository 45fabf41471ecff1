-- Which requests passed through which services in the last 24 hours, how long did they take, did they end well?
CREATE OR REPLACE VIEW transactions
OPTIONS(description="Dashboard Transactions: one row per trace of the last 24 hours.")
AS
SELECT
  trace_id,
  MIN(timestamp) AS started_at,
  TIMESTAMP_DIFF(MAX(timestamp), MIN(timestamp), MILLISECOND) AS duration_ms,
  COUNT(*) AS entries,
  COUNT(DISTINCT service) AS services,
  COUNTIF(severity_number >= 500) AS errors,
  MAX(http_status) AS worst_http_status,
  MAX(latency_ms) AS longest_latency_ms,
  MIN(user_id) AS user_id,
  COUNTIF(severity_number >= 500 OR http_status >= 500) = 0 AS succeeded
FROM recent_logs
WHERE trace_id IS NOT NULL
GROUP BY trace_id;

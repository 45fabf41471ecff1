-- What does each service do, how often does it work, how long does it take?
CREATE OR REPLACE VIEW functional
OPTIONS(description="Dashboard Functional view: per service and pattern of the last 24 hours, how often, how well, how fast.")
AS
SELECT
  service,
  pattern_id,
  ANY_VALUE(message HAVING MAX timestamp) AS example,
  COUNT(*) AS entries,
  COUNTIF(severity_number >= 500) AS errors,
  SAFE_DIVIDE(COUNTIF(severity_number < 500), COUNT(*)) AS success_share,
  AVG(latency_ms) AS latency_mean_ms,
  MAX(latency_ms) AS latency_max_ms,
  COUNT(DISTINCT user_id) AS users,
  MIN(timestamp) AS first_at,
  MAX(timestamp) AS last_at
FROM recent_logs
GROUP BY service, pattern_id;

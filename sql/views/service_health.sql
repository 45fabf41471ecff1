-- How is each service now, against its own last hour?
CREATE OR REPLACE VIEW service_health
OPTIONS(description="One row per service that wrote in the last hour: its last five minutes, its hour, and a verdict: failing, degraded, silent or well.")
AS
WITH hour AS (
  SELECT *
  FROM recent_windows
  WHERE job = 'service_health'
    AND window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
), sums AS (
  SELECT
    service,
    MAX(window_end) AS last_window_end,
    SUM(entries) AS entries_1h,
    SUM(errors) AS errors_1h,
    SUM(IF(recent, entries, 0)) AS entries_5m,
    SUM(IF(recent, errors, 0)) AS errors_5m,
    SAFE_DIVIDE(SUM(latency_mean_ms * latency_count), SUM(latency_count)) AS latency_mean_1h_ms,
    SAFE_DIVIDE(
      SUM(IF(recent, latency_mean_ms * latency_count, 0)),
      SUM(IF(recent, latency_count, 0))
    ) AS latency_mean_5m_ms,
    MAX(IF(recent, latency_p99_ms, NULL)) AS latency_p99_5m_ms,
    MAX(IF(recent, max_anomaly_score, 0)) AS max_anomaly_score_5m
  FROM (
    SELECT *, window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 5 MINUTE) AS recent
    FROM hour
  )
  GROUP BY service
)
SELECT
  *,
  SAFE_DIVIDE(errors_5m, entries_5m) AS error_rate_5m,
  SAFE_DIVIDE(errors_1h, entries_1h) AS error_rate_1h,
  CASE
    WHEN entries_5m = 0 THEN 'silent'
    WHEN SAFE_DIVIDE(errors_5m, entries_5m) > 0.25 THEN 'failing'
    WHEN SAFE_DIVIDE(errors_5m, entries_5m) > 2 * SAFE_DIVIDE(errors_1h, entries_1h) THEN 'degraded'
    WHEN latency_mean_5m_ms > 2 * latency_mean_1h_ms THEN 'degraded'
    ELSE 'well'
  END AS health
FROM sums;

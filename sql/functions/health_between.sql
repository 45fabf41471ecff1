-- How did each service fare between two instants?
-- Arguments: since TIMESTAMP (inclusive), until TIMESTAMP (exclusive).
-- Columns: service, windows, entries, errors, error_rate, worst_error_rate (of a window), anomalies, http_5xx, latency_mean_ms, latency_p99_highest_ms (of a window).
CREATE OR REPLACE TABLE FUNCTION health_between(since TIMESTAMP, until TIMESTAMP)
OPTIONS(description="Per service, from the latest revision of the windows that start in [since, until): volume, errors, latency.")
AS
WITH latest AS (
  SELECT *
  FROM service_windows
  WHERE job = 'service_health' AND window_start >= since AND window_start < until
    AND NOT tombstone
  QUALIFY ROW_NUMBER() OVER (PARTITION BY service, window_start ORDER BY revision DESC) = 1
)
SELECT
  service,
  COUNT(*) AS windows,
  SUM(entries) AS entries,
  SUM(errors) AS errors,
  SAFE_DIVIDE(SUM(errors), SUM(entries)) AS error_rate,
  MAX(error_rate) AS worst_error_rate,
  SUM(anomalies) AS anomalies,
  SUM(http_5xx) AS http_5xx,
  SAFE_DIVIDE(SUM(latency_mean_ms * latency_count), SUM(latency_count)) AS latency_mean_ms,
  MAX(latency_p99_ms) AS latency_p99_highest_ms
FROM latest
GROUP BY service;

-- Which services are slower than yesterday at this time?
-- Columns: service, mean latency of the last hour and of the same hour yesterday, ratio.
WITH hours AS (
  SELECT
    service,
    SAFE_DIVIDE(SUM(IF(today, latency_mean_ms * latency_count, 0)), SUM(IF(today, latency_count, 0))) AS now_ms,
    SAFE_DIVIDE(SUM(IF(today, 0, latency_mean_ms * latency_count)), SUM(IF(today, 0, latency_count))) AS yesterday_ms
  FROM (
    SELECT *, window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) AS today
    FROM windows
    WHERE job = 'service_health'
      AND latency_count > 0
      AND (
        window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
        OR window_start BETWEEN TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 25 HOUR)
          AND TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
      )
  )
  GROUP BY service
)
SELECT service, now_ms, yesterday_ms, SAFE_DIVIDE(now_ms, yesterday_ms) AS ratio
FROM hours
ORDER BY ratio DESC, service;

-- How fast is each service, hour by hour, today?
-- Columns: hour, service, requests, p50, p95, p99 in ms.
SELECT
  TIMESTAMP_TRUNC(timestamp, HOUR) AS hour,
  service,
  COUNT(*) AS requests,
  APPROX_QUANTILES(latency_ms, 100)[OFFSET(50)] AS p50_ms,
  APPROX_QUANTILES(latency_ms, 100)[OFFSET(95)] AS p95_ms,
  APPROX_QUANTILES(latency_ms, 100)[OFFSET(99)] AS p99_ms
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR) AND latency_ms IS NOT NULL
GROUP BY hour, service
ORDER BY hour, service;

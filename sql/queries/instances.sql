-- Is one instance of a service worse than the others?
-- Columns: instance, entries, errors, error rate, mean latency.
-- Parameters: @service STRING.
SELECT
  instance,
  COUNT(*) AS entries,
  COUNTIF(severity_number >= 500) AS errors,
  SAFE_DIVIDE(COUNTIF(severity_number >= 500), COUNT(*)) AS error_rate,
  AVG(latency_ms) AS latency_mean_ms
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) AND service = @service
GROUP BY instance
ORDER BY error_rate DESC, instance;

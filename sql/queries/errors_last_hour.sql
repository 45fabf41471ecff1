-- Which services wrote the most errors in the last hour?
-- Columns: service, errors, share of all errors, last error.
SELECT
  service,
  COUNT(*) AS errors,
  ROUND(COUNT(*) / SUM(COUNT(*)) OVER (), 3) AS share,
  MAX(timestamp) AS last_at
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) AND severity_number >= 500
GROUP BY service
ORDER BY errors DESC, service;

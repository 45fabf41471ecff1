-- Which services write entries whose time cannot be read?
-- Columns: service, entries, entries without a readable time, share.
SELECT
  service,
  COUNT(*) AS entries,
  COUNTIF(timestamp_source = 'publish') AS untimed,
  SAFE_DIVIDE(COUNTIF(timestamp_source = 'publish'), COUNT(*)) AS share
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
GROUP BY service
ORDER BY untimed DESC, service;

-- Which services ship their logs late?
-- Columns: service, entries, mean and longest delay in seconds, entries too late for their window.
SELECT
  l.service,
  COUNT(*) AS entries,
  AVG(TIMESTAMP_DIFF(l.received_at, l.timestamp, MILLISECOND)) / 1000 AS mean_delay_s,
  MAX(TIMESTAMP_DIFF(l.received_at, l.timestamp, MILLISECOND)) / 1000 AS longest_delay_s,
  ANY_VALUE(late.entries) AS too_late
FROM logs AS l
LEFT JOIN (
  SELECT service, COUNT(DISTINCT insert_id) AS entries
  FROM late_entries
  WHERE received_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
  GROUP BY service
) AS late ON late.service = l.service
WHERE l.timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
GROUP BY l.service
ORDER BY mean_delay_s DESC, l.service;

-- Which error messages came most often today, and where?
-- Columns: pattern_id, service, entries, example, first and last time.
SELECT
  pattern_id,
  service,
  COUNT(*) AS entries,
  ANY_VALUE(message HAVING MAX timestamp) AS example,
  MIN(timestamp) AS first_at,
  MAX(timestamp) AS last_at
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR) AND severity_number >= 500
GROUP BY pattern_id, service
ORDER BY entries DESC, pattern_id
LIMIT 50;

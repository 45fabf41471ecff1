-- Which error patterns appeared in the last hour that were not there the day before?
-- Columns: pattern_id, service, entries, first_at, example.
SELECT
  pattern_id,
  service,
  COUNT(*) AS entries,
  MIN(timestamp) AS first_at,
  ANY_VALUE(message HAVING MAX timestamp) AS example
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 25 HOUR) AND severity_number >= 500
GROUP BY pattern_id, service
HAVING first_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
ORDER BY entries DESC, pattern_id;

-- Which patterns fill the logs, and how many bytes do they cost a day?
-- Columns: service, pattern_id, entries, megabytes, share of bytes, example.
SELECT
  service,
  pattern_id,
  COUNT(*) AS entries,
  ROUND(SUM(BYTE_LENGTH(message)) / 1e6, 3) AS megabytes,
  ROUND(SUM(BYTE_LENGTH(message)) / SUM(SUM(BYTE_LENGTH(message))) OVER (), 4) AS share,
  ANY_VALUE(message HAVING MAX timestamp) AS example
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
GROUP BY service, pattern_id
ORDER BY megabytes DESC, pattern_id
LIMIT 50;

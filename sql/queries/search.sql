-- Which entries hold a word, newest first?
-- Columns: timestamp, service, severity, message, trace_id.
-- Parameters: @since TIMESTAMP, @until TIMESTAMP, @word STRING.
SELECT timestamp, service, severity, message, trace_id
FROM logs
WHERE timestamp BETWEEN @since AND @until
  AND STRPOS(LOWER(message), LOWER(@word)) > 0
ORDER BY timestamp DESC
LIMIT 200;

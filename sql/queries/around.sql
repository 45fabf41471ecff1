-- What did a service write around a moment?
-- Columns: timestamp, severity, message, seconds from the moment.
-- Parameters: @service STRING, @moment TIMESTAMP.
SELECT
  timestamp,
  severity,
  message,
  TIMESTAMP_DIFF(timestamp, @moment, MILLISECOND) / 1000 AS seconds
FROM logs
WHERE timestamp BETWEEN TIMESTAMP_SUB(@moment, INTERVAL 1 MINUTE) AND TIMESTAMP_ADD(@moment, INTERVAL 1 MINUTE)
  AND service = @service
ORDER BY timestamp, insert_id;

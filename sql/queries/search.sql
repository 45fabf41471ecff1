-- Which entries hold all of these words, newest first?
-- Columns: timestamp, service, severity, message, trace_id.
-- Parameters: @since TIMESTAMP, @until TIMESTAMP, @words STRING (whole words, in any case; "in quotes" a phrase).
-- Searched before doubles are dropped, so that the search index is used; a part of a word is found by search_logs.
SELECT timestamp, service, severity, message, trace_id
FROM log_entries
WHERE timestamp >= @since AND timestamp < @until
  AND SEARCH((message, labels), @words)
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1
ORDER BY timestamp DESC
LIMIT 200;

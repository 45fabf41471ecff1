-- Which entries of a time range hold a text, in the message or in a label?
-- Arguments: words STRING (a part of a word will do, any case), since TIMESTAMP (inclusive), until TIMESTAMP (exclusive).
-- Columns: timestamp, service, instance, severity, severity_number, message, labels, http_status, latency_ms, trace_id, request_id, insert_id.
-- Looks at the text itself: SEARCH, which uses the search index, takes only constants, never an argument of a function.
-- Where whole words will do and the range is long, ask sql/queries/search.sql.
CREATE OR REPLACE TABLE FUNCTION search_logs(words STRING, since TIMESTAMP, until TIMESTAMP)
OPTIONS(description="Entries of [since, until) with the text `words` in message or labels, in any case, each once.")
AS
SELECT
  timestamp,
  service,
  instance,
  severity,
  severity_number,
  message,
  labels,
  http_status,
  latency_ms,
  trace_id,
  request_id,
  insert_id
FROM log_entries
WHERE timestamp >= since AND timestamp < until
  AND (STRPOS(LOWER(message), LOWER(words)) > 0 OR STRPOS(LOWER(TO_JSON_STRING(labels)), LOWER(words)) > 0)
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1;

-- Which entries of a time range hold a text, in the message or in a label?
-- Arguments: words STRING (a part of a word will do, any case), since TIMESTAMP (inclusive), until TIMESTAMP (exclusive).
-- Columns: timestamp, service, instance, severity, severity_number, message, labels, http_status, latency_ms, trace_id, request_id, insert_id.
-- Looks at the text itself, in BigQuery and in the cold tier: SEARCH, which uses the search index, takes only constants,
-- never an argument of a function. Where whole words will do and the range is long, ask sql/queries/search.sql.
CREATE OR REPLACE TABLE FUNCTION search_logs(words STRING, since TIMESTAMP, until TIMESTAMP)
OPTIONS(description="Entries of [since, until), hot and cold, with the text `words` in message or labels, in any case, each once.")
AS
SELECT * EXCEPT (received_at)
FROM (
  SELECT
    timestamp, service, instance, severity, severity_number, message, labels, http_status, latency_ms, trace_id,
    request_id, insert_id, received_at
  FROM log_entries
  WHERE timestamp >= since AND timestamp < until
    AND (STRPOS(LOWER(message), LOWER(words)) > 0 OR STRPOS(LOWER(TO_JSON_STRING(labels)), LOWER(words)) > 0)
  UNION ALL
  SELECT
    timestamp, service, instance, severity, severity_number, message,
    PARSE_JSON(labels, wide_number_mode => 'round') AS labels, http_status, latency_ms, trace_id,
    request_id, insert_id, received_at
  FROM log_entries_cold
  WHERE day >= DATE(since) AND day <= DATE(until) AND timestamp >= since AND timestamp < until
    AND (STRPOS(LOWER(message), LOWER(words)) > 0 OR STRPOS(LOWER(labels), LOWER(words)) > 0)
)
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1;

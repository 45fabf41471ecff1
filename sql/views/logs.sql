-- Which log entries are there, each once?
CREATE OR REPLACE VIEW logs
OPTIONS(description="Log entries, each once: of rows with one insert_id the first received. Filter on timestamp.")
AS
SELECT *
FROM log_entries
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1;

-- Which log entries does BigQuery itself hold, each once?
CREATE OR REPLACE VIEW hot_logs
OPTIONS(description="Log entries that have not left for the cold tier, each once: of rows with one insert_id the first received. Filter on timestamp. Reads no files.")
AS
SELECT *
FROM log_entries
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1;

-- What was logged in the last 24 hours? Safe for dashboards: it reads two days of partitions, with or without a filter.
CREATE OR REPLACE VIEW recent_logs
OPTIONS(description="Log entries of the last 24 hours, each once.")
AS
SELECT *
FROM log_entries
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1;

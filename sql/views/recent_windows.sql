-- What happened in each service in the last 24 hours, window by window? Safe for dashboards, with or without a filter.
CREATE OR REPLACE VIEW recent_windows
OPTIONS(description="The latest revision of each window of the last 24 hours, without windows that merged into others.")
AS
SELECT *
FROM service_windows
WHERE window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
  AND NOT tombstone
QUALIFY ROW_NUMBER() OVER (PARTITION BY job, service, window_start ORDER BY revision DESC) = 1;

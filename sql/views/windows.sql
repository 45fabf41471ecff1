-- What happened in each service, window by window, by the latest revision?
CREATE OR REPLACE VIEW windows
OPTIONS(description="The latest revision of each window, without windows that merged into others.")
AS
SELECT *
FROM service_windows
WHERE NOT tombstone
QUALIFY ROW_NUMBER() OVER (PARTITION BY job, service, window_start ORDER BY revision DESC) = 1;

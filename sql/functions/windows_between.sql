-- What happened in the services, window by window, between two instants?
-- Arguments: since TIMESTAMP (inclusive), until TIMESTAMP (exclusive), one_service STRING (NULL: all).
-- Columns: as the view windows: the latest revision of each window that starts in the range.
CREATE OR REPLACE TABLE FUNCTION windows_between(since TIMESTAMP, until TIMESTAMP, one_service STRING)
OPTIONS(description="Latest revision of the windows that start in [since, until), of one service or, with NULL, of all.")
AS
SELECT *
FROM service_windows
WHERE window_start >= since AND window_start < until
  AND (one_service IS NULL OR service = one_service)
  AND NOT tombstone
QUALIFY ROW_NUMBER() OVER (PARTITION BY job, service, window_start ORDER BY revision DESC) = 1;

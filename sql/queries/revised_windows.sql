-- Which windows were revised by late data in the last day, and how often?
-- Columns: service, window_start, revision, entries.
SELECT service, window_start, revision, entries
FROM windows
WHERE job = 'service_health'
  AND window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
  AND revision > 1
ORDER BY revision DESC, window_start, service;

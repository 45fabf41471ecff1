-- How many entries and errors does each service write a day?
-- Columns: day, service, entries, errors.
SELECT DATE(window_start) AS day, service, SUM(entries) AS entries, SUM(errors) AS errors
FROM windows
WHERE job = 'service_health'
  AND window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
GROUP BY day, service
ORDER BY day, service;

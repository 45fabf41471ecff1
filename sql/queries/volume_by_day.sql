-- How many entries and errors does each service write a day?
-- Columns: day, service, entries, errors.
SELECT DATE(hour) AS day, service, SUM(entries) AS entries, SUM(errors) AS errors
FROM service_hours
WHERE job = 'service_health'
  AND hour >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
GROUP BY day, service
ORDER BY day, service;

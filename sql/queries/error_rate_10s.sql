-- How did the error rate of each service go in the last hour, in steps of 10 seconds?
-- Columns: window_start, service, entries, errors, error_rate.
SELECT window_start, service, entries, errors, error_rate
FROM windows
WHERE job = 'service_health'
  AND window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
ORDER BY window_start, service;

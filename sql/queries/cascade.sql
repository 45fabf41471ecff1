-- In which order did services begin to fail in the last hour?
-- Columns: service, first window with more than a tenth of errors, entries, errors.
SELECT service, window_start, entries, errors, error_rate
FROM windows
WHERE job = 'service_health'
  AND window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
  AND error_rate > 0.1
QUALIFY ROW_NUMBER() OVER (PARTITION BY service ORDER BY window_start) = 1
ORDER BY window_start, service;

-- Which services wrote in the last day but not in the last ten minutes?
-- Columns: service, last entry, minutes of silence, entries of the day.
SELECT
  service,
  MAX(window_end) AS last_at,
  TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), MAX(window_end), MINUTE) AS silent_minutes,
  SUM(entries) AS entries
FROM windows
WHERE job = 'service_health'
  AND window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
GROUP BY service
HAVING last_at < TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 10 MINUTE)
ORDER BY silent_minutes DESC, service;

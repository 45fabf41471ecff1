-- When did errors burst: windows with five times the errors of the ten before?
-- Columns: window_start, service, errors, mean of the ten windows before.
SELECT window_start, service, errors, before
FROM (
  SELECT
    window_start,
    service,
    errors,
    AVG(errors) OVER (
      PARTITION BY service ORDER BY window_start ROWS BETWEEN 10 PRECEDING AND 1 PRECEDING
    ) AS before
  FROM windows
  WHERE job = 'service_health'
    AND window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
)
WHERE errors > 5 * before AND errors >= 10
ORDER BY window_start, service;

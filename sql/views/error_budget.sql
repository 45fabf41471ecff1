-- How much of its error budget has each service used, at 99.9 % good entries over 30 days?
CREATE OR REPLACE VIEW error_budget
OPTIONS(description="Per service and 30 days: good share, budget used (1 is all of it), and how fast it burns now (1 uses it up in exactly 30 days).")
AS
WITH counted AS (
  SELECT
    service,
    SUM(entries) AS entries,
    SUM(errors) AS errors,
    SUM(IF(window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR), entries, 0)) AS entries_1h,
    SUM(IF(window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR), errors, 0)) AS errors_1h
  FROM windows
  WHERE job = 'service_health'
    AND window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
  GROUP BY service
)
SELECT
  service,
  entries,
  errors,
  1 - SAFE_DIVIDE(errors, entries) AS good_share,
  SAFE_DIVIDE(errors, entries * 0.001) AS budget_used,
  SAFE_DIVIDE(errors_1h, entries_1h * 0.001) AS burn_rate_1h
FROM counted;

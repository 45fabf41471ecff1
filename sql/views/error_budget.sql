-- How much of its error budget has each service used, at 99.9 % good entries over 30 days?
-- Reads the roll-ups, not 30 days of windows: on BigQuery they may be some half an hour behind, see as_of.
CREATE OR REPLACE VIEW error_budget
OPTIONS(description="Per service and 30 days: good share, budget used (1 is all of it), and how fast it burnt in the hour before as_of (1 uses it up in exactly 30 days).")
AS
WITH month AS (
  SELECT service, SUM(entries) AS entries, SUM(errors) AS errors
  FROM service_hours
  WHERE job = 'service_health'
    AND hour >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
  GROUP BY service
), minutes AS (
  SELECT service, minute, entries, errors, MAX(minute) OVER () AS newest
  FROM service_minutes
  WHERE job = 'service_health'
    AND minute >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
), hour AS (
  SELECT
    service,
    TIMESTAMP_ADD(MAX(newest), INTERVAL 1 MINUTE) AS as_of,
    SUM(entries) AS entries_1h,
    SUM(errors) AS errors_1h
  FROM minutes
  WHERE minute > TIMESTAMP_SUB(newest, INTERVAL 60 MINUTE)
  GROUP BY service
)
SELECT
  service,
  entries,
  errors,
  1 - SAFE_DIVIDE(errors, entries) AS good_share,
  SAFE_DIVIDE(errors, entries * 0.001) AS budget_used,
  SAFE_DIVIDE(errors_1h, entries_1h * 0.001) AS burn_rate_1h,
  as_of
FROM month
LEFT JOIN hour USING (service);

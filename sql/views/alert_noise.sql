-- Which rules cry wolf: how many alerts, how short, how many were called noise?
CREATE OR REPLACE VIEW alert_noise
OPTIONS(description="Per rule and service over 30 days: alerts, median length, share that people called noise.")
AS
WITH judged AS (
  SELECT alert_id, LOGICAL_OR(kind = 'noise') AS noise, LOGICAL_OR(kind = 'useful') AS useful
  FROM feedback
  WHERE given_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
    AND alert_id IS NOT NULL
  GROUP BY alert_id
)
SELECT
  a.rule,
  a.service,
  COUNT(*) AS alerts,
  APPROX_QUANTILES(TIMESTAMP_DIFF(a.resolved_at, a.started_at, SECOND), 2)[SAFE_OFFSET(1)] AS median_length_s,
  COUNTIF(j.noise) AS called_noise,
  COUNTIF(j.useful) AS called_useful,
  SAFE_DIVIDE(COUNTIF(j.noise), COUNTIF(j.noise OR j.useful)) AS noise_share
FROM alerts AS a
LEFT JOIN judged AS j ON j.alert_id = a.alert_id
WHERE a.started_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
GROUP BY a.rule, a.service;

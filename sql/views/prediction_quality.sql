-- How often were the verdicts right: normal, caught, false positives, missed?
CREATE OR REPLACE VIEW prediction_quality
OPTIONS(description="Per service and day over 30 days, against what people said: windows judged normal, caught, false positives, missed.")
AS
WITH truth AS (
  SELECT service, window_start, LOGICAL_OR(kind IN ('useful', 'missed')) AS bad
  FROM feedback
  WHERE given_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
    AND window_start IS NOT NULL
  GROUP BY service, window_start
), judged AS (
  SELECT
    p.service,
    p.window_start,
    p.positive,
    t.bad
  FROM predictions AS p
  LEFT JOIN truth AS t ON t.service = p.service AND t.window_start = p.window_start
  WHERE p.model = 'verdict'
    AND p.window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
)
SELECT
  service,
  DATE(window_start) AS day,
  COUNT(*) AS windows,
  COUNTIF(NOT positive AND bad IS NOT TRUE) AS normal,
  COUNTIF(positive AND bad IS TRUE) AS caught,
  COUNTIF(positive AND bad IS FALSE) AS false_positives,
  COUNTIF(NOT positive AND bad IS TRUE) AS missed,
  COUNTIF(positive AND bad IS NULL) AS unjudged_positives
FROM judged
GROUP BY service, day;

-- What could not be read as log entries in the last week, and why?
-- Columns: day, stage, reason, messages or records, example of the detail.
SELECT
  DATE(received_at) AS day,
  stage,
  reason,
  COUNT(*) AS records,
  MIN(detail) AS detail
FROM refusals
WHERE received_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)
GROUP BY day, stage, reason
ORDER BY day DESC, records DESC, reason;

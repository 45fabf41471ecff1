-- What could not be read as a log entry in the last 7 days, and why?
CREATE OR REPLACE VIEW recent_refusals
OPTIONS(description="Dead letters of the last 7 days, one row each, without the bytes: those are in refusals.")
AS
SELECT insert_id, received_at, stage, reason, detail, message_id, attributes, parts
FROM dead_letters
WHERE received_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)
  AND part = 0
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id ORDER BY received_at) = 1;

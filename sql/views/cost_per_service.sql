-- Which services cause the cost: how many bytes does each log a day?
CREATE OR REPLACE VIEW cost_per_service
OPTIONS(description="Per service over the last 24 hours: entries, bytes of text, share of all bytes; cost follows bytes.")
AS
WITH sized AS (
  SELECT
    service,
    COUNT(*) AS entries,
    SUM(BYTE_LENGTH(message) + BYTE_LENGTH(TO_JSON_STRING(labels))) AS bytes
  FROM recent_logs
  GROUP BY service
)
SELECT service, entries, bytes, SAFE_DIVIDE(bytes, SUM(bytes) OVER ()) AS share
FROM sized;

-- How late do log entries and windows reach the warehouse, minute by minute?
CREATE OR REPLACE VIEW pipeline_lag
OPTIONS(description="Per minute of the last 24 hours: entries received, how long after their event (shippers), how long after their end windows were written, how many were revised.")
AS
WITH received AS (
  SELECT
    TIMESTAMP_TRUNC(received_at, MINUTE) AS minute,
    COUNT(*) AS entries,
    AVG(TIMESTAMP_DIFF(received_at, timestamp, MILLISECOND)) AS shipping_mean_ms,
    MAX(TIMESTAMP_DIFF(received_at, timestamp, MILLISECOND)) AS shipping_max_ms
  FROM recent_logs
  GROUP BY minute
), emitted AS (
  SELECT
    TIMESTAMP_TRUNC(window_end, MINUTE) AS minute,
    COUNT(*) AS windows,
    COUNTIF(revision > 1) AS revised,
    AVG(IF(revision = 1, TIMESTAMP_DIFF(emitted_at, window_end, MILLISECOND), NULL)) AS window_delay_mean_ms
  FROM recent_windows
  GROUP BY minute
)
SELECT minute, entries, shipping_mean_ms, shipping_max_ms, windows, revised, window_delay_mean_ms
FROM received
FULL JOIN emitted USING (minute);

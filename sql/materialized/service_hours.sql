-- What did each service do, hour by hour?
-- Columns: job, service, hour (start, UTC), windows, revised, entries, errors, warnings, anomalies, max_anomaly_score, http_2xx to http_5xx, latency_count, latency_total_ms, latency_max_ms, latency_p95_highest_ms, latency_p99_highest_ms.
-- The table is upserted by job, service and window start, so BigQuery shows one row, the latest revision, of each
-- window: a plain sum counts nothing twice, and the view can be kept up to date by partition. Over upserted tables
-- BigQuery wants a staleness of at least 30 minutes and refuses queries that join the table itself: rows may be so
-- old, usually half an hour. What must be fresh is asked of recent_windows and service_health.
-- Sums of averages would be wrong: latency_total_ms / latency_count is the mean; quantiles cannot be added, so the
-- highest of a window is kept. A window longer than the step stands in the step in which it starts.
-- Source: https://cloud.google.com/bigquery/docs/materialized-views-intro#cdc_limits
CREATE OR REPLACE MATERIALIZED VIEW service_hours
PARTITION BY DATE(hour)
CLUSTER BY job, service
OPTIONS(
  description="Per job, service and hour: volume, errors, latency of the latest revision of the windows.",
  enable_refresh=TRUE,
  refresh_interval_minutes=30,
  max_staleness=INTERVAL "4:0:0" HOUR TO SECOND
)
AS
SELECT
  job,
  service,
  TIMESTAMP_TRUNC(window_start, HOUR) AS hour,
  COUNT(*) AS windows,
  COUNTIF(revision > 1) AS revised,
  SUM(entries) AS entries,
  SUM(errors) AS errors,
  SUM(warning_count) AS warnings,
  SUM(anomalies) AS anomalies,
  MAX(max_anomaly_score) AS max_anomaly_score,
  SUM(http_2xx) AS http_2xx,
  SUM(http_3xx) AS http_3xx,
  SUM(http_4xx) AS http_4xx,
  SUM(http_5xx) AS http_5xx,
  SUM(latency_count) AS latency_count,
  SUM(latency_mean_ms * latency_count) AS latency_total_ms,
  MAX(latency_max_ms) AS latency_max_ms,
  MAX(latency_p95_ms) AS latency_p95_highest_ms,
  MAX(latency_p99_ms) AS latency_p99_highest_ms
FROM service_windows
WHERE NOT tombstone
GROUP BY job, service, hour;

-- How did the experiments of the last year compare?
CREATE OR REPLACE VIEW experiment_results
OPTIONS(description="One row per experiment of the last 365 days: settings, throughput, latency quantiles, highest lag, saturation.")
AS
WITH runs AS (
  SELECT *
  FROM experiments
  WHERE started_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 365 DAY)
), measured AS (
  SELECT
    experiment_id,
    AVG(IF(metric = 'throughput', value, NULL)) AS throughput_lines_per_s,
    MAX(IF(metric = 'end_to_end_latency' AND quantile = 0.5, value, NULL)) AS latency_p50_ms,
    MAX(IF(metric = 'end_to_end_latency' AND quantile = 0.99, value, NULL)) AS latency_p99_ms,
    MIN(IF(metric = 'delivery_success', value, NULL)) AS delivery_success
  FROM performance_metrics
  WHERE measured_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 365 DAY)
  GROUP BY experiment_id
), lag AS (
  SELECT experiment_id, MAX(waiting_messages) AS most_waiting_messages
  FROM (
    SELECT experiment_id, measured_at, SUM(waiting_messages) AS waiting_messages
    FROM consumer_lag
    WHERE measured_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 365 DAY)
    GROUP BY experiment_id, measured_at
  )
  GROUP BY experiment_id
)
SELECT
  experiment_id,
  name,
  started_at,
  producers,
  consumers,
  shards,
  rate AS offered_lines_per_s,
  throughput_lines_per_s,
  latency_p50_ms,
  latency_p99_ms,
  delivery_success,
  most_waiting_messages,
  saturated
FROM runs
LEFT JOIN measured USING (experiment_id)
LEFT JOIN lag USING (experiment_id);

-- How did the experiments compare?
CREATE OR REPLACE VIEW experiment_results
OPTIONS(description="One row per experiment: settings, throughput, latency quantiles, highest lag, saturation.")
AS
SELECT
  e.experiment_id,
  e.name,
  e.started_at,
  e.producers,
  e.consumers,
  e.shards,
  e.rate AS offered_lines_per_s,
  AVG(IF(m.metric = 'throughput', m.value, NULL)) AS throughput_lines_per_s,
  MAX(IF(m.metric = 'end_to_end_latency' AND m.quantile = 0.5, m.value, NULL)) AS latency_p50_ms,
  MAX(IF(m.metric = 'end_to_end_latency' AND m.quantile = 0.99, m.value, NULL)) AS latency_p99_ms,
  MIN(IF(m.metric = 'delivery_success', m.value, NULL)) AS delivery_success,
  ANY_VALUE(l.waiting_messages) AS most_waiting_messages,
  e.saturated
FROM experiments AS e
LEFT JOIN performance_metrics AS m ON m.experiment_id = e.experiment_id
LEFT JOIN (
  SELECT experiment_id, MAX(waiting_messages) AS waiting_messages
  FROM consumer_lag
  GROUP BY experiment_id
) AS l ON l.experiment_id = e.experiment_id
GROUP BY e.experiment_id, e.name, e.started_at, e.producers, e.consumers, e.shards, e.rate, e.saturated;

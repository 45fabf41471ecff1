-- What an experiment measured, one value a row.
CREATE TABLE IF NOT EXISTS performance_metrics (
  experiment_id STRING NOT NULL OPTIONS(description="Experiment."),
  measured_at TIMESTAMP NOT NULL OPTIONS(description="When, UTC."),
  process STRING NOT NULL OPTIONS(description="Process that it is about: producer-1, parse-2, close, bigquery, …, or all."),
  metric STRING NOT NULL OPTIONS(description="throughput, publish_latency, end_to_end_latency, delivery_success, cpu, rss, …"),
  quantile FLOAT64 OPTIONS(description="0.5, 0.95, 0.99 for quantiles; NULL for other values."),
  value FLOAT64 NOT NULL OPTIONS(description="The value, in `unit`."),
  unit STRING NOT NULL OPTIONS(description="lines/s, ms, ratio, percent, MB.")
)
PARTITION BY DATE(measured_at)
CLUSTER BY experiment_id, metric
OPTIONS(description="Measurements of experiments.");

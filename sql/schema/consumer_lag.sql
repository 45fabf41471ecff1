-- How far consumers were behind, per shard, during an experiment.
CREATE TABLE IF NOT EXISTS consumer_lag (
  experiment_id STRING NOT NULL OPTIONS(description="Experiment."),
  measured_at TIMESTAMP NOT NULL OPTIONS(description="When, UTC."),
  shard STRING NOT NULL OPTIONS(description="Subscription: shard- and the value of the attribute."),
  waiting_messages INT64 NOT NULL OPTIONS(description="Messages published and not acknowledged."),
  oldest_ms INT64 NOT NULL OPTIONS(description="Age of the oldest of them, in milliseconds.")
)
PARTITION BY DATE(measured_at)
CLUSTER BY experiment_id, shard
OPTIONS(description="Lag per shard during experiments.");

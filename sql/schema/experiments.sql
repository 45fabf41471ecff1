-- Load experiments: what was run and with which settings, so that a row can be run again.
CREATE TABLE IF NOT EXISTS experiments (
  experiment_id STRING NOT NULL OPTIONS(description="Identity of the run."),
  name STRING NOT NULL OPTIONS(description="Name that the user gave."),
  started_at TIMESTAMP NOT NULL OPTIONS(description="Start of the measured time, UTC."),
  ended_at TIMESTAMP OPTIONS(description="End of the measured time, UTC; NULL while it runs or when it was broken off."),
  producers INT64 NOT NULL OPTIONS(description="Publishing processes."),
  consumers INT64 NOT NULL OPTIONS(description="Processes of the parse function."),
  shards INT64 NOT NULL OPTIONS(description="Push subscriptions, each with a filter on the attribute shard, that the load was spread over."),
  rate FLOAT64 NOT NULL OPTIONS(description="Offered load, lines per second."),
  seed INT64 NOT NULL OPTIONS(description="Seed of the generator."),
  saturated BOOL OPTIONS(description="TRUE: the system did not keep up with the offered load."),
  machine JSON NOT NULL OPTIONS(description="Processor, cores, memory, versions."),
  settings JSON NOT NULL OPTIONS(description="Every other setting of the run."),
  PRIMARY KEY (experiment_id) NOT ENFORCED
)
PARTITION BY DATE(started_at)
OPTIONS(description="Load experiments, upserted by experiment_id.");

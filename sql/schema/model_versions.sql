-- Every version of every model: made when, from what, how good, serving or not.
CREATE TABLE IF NOT EXISTS model_versions (
  model STRING NOT NULL OPTIONS(description="forest, lstm or bert."),
  version STRING NOT NULL OPTIONS(description="Version, ascending in time."),
  trained_at TIMESTAMP NOT NULL OPTIONS(description="When training ended, UTC."),
  state STRING NOT NULL OPTIONS(description="candidate, canary, serving, retired or refused."),
  changed_at TIMESTAMP NOT NULL OPTIONS(description="When the state last changed, UTC."),
  traffic_percent INT64 NOT NULL OPTIONS(description="Share of the endpoint's traffic, 0 to 100."),
  artifact STRING NOT NULL OPTIONS(description="Address of the artifact."),
  sha256 STRING NOT NULL OPTIONS(description="Checksum of the artifact, hexadecimal."),
  seed INT64 NOT NULL OPTIONS(description="Seed of the training."),
  metrics JSON NOT NULL OPTIONS(description="Figures on the hold-out, with the simple baseline beside."),
  card STRING NOT NULL OPTIONS(description="Model card, Markdown."),
  PRIMARY KEY (model, version) NOT ENFORCED
)
CLUSTER BY model
OPTIONS(description="Model registry, upserted by model and version.");

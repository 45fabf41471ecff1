-- What the models and rules said of each window, and which of them decided.
CREATE TABLE IF NOT EXISTS predictions (
  service STRING NOT NULL OPTIONS(description="Service of the window."),
  window_start TIMESTAMP NOT NULL OPTIONS(description="Start of the window that was judged, UTC."),
  model STRING NOT NULL OPTIONS(description="forest, lstm, bert, rules or verdict."),
  model_version STRING OPTIONS(description="Version of the model; NULL for rules."),
  revision INT64 NOT NULL OPTIONS(description="Revision of the window that was judged."),
  predicted_at TIMESTAMP NOT NULL OPTIONS(description="When it was judged, UTC."),
  score FLOAT64 OPTIONS(description="Anomaly score or probability, 0 to 1."),
  threshold FLOAT64 OPTIONS(description="From this score on it is positive."),
  positive BOOL NOT NULL OPTIONS(description="TRUE: anomalous, or a failure is expected within the horizon."),
  horizon_s INT64 OPTIONS(description="How far ahead it looks, in seconds; NULL: the window itself."),
  category STRING OPTIONS(description="Failure category where one was told: network, timeout, database, …"),
  decided_by STRING NOT NULL OPTIONS(description="model, or fallback when the endpoint did not answer in time."),
  explanation JSON OPTIONS(description="Features and patterns that mattered, with how far from usual."),
  PRIMARY KEY (service, window_start, model) NOT ENFORCED
)
PARTITION BY DATE(window_start)
CLUSTER BY service, model
OPTIONS(description="Predictions per window and model, upserted; model = 'verdict' is what counted.");

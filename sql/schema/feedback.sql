-- What people said of alerts and predictions: the labels that retraining learns from.
CREATE TABLE IF NOT EXISTS feedback (
  feedback_id STRING NOT NULL OPTIONS(description="Identity of the feedback."),
  given_at TIMESTAMP NOT NULL OPTIONS(description="When it was given, UTC."),
  given_by STRING NOT NULL OPTIONS(description="Who gave it. Personal data."),
  kind STRING NOT NULL OPTIONS(description="useful, noise or missed."),
  service STRING NOT NULL OPTIONS(description="Service that it is about."),
  window_start TIMESTAMP OPTIONS(description="Window that it is about, UTC."),
  alert_id STRING OPTIONS(description="Alert that it is about."),
  category STRING OPTIONS(description="Right failure category, where the person named one."),
  note STRING OPTIONS(description="In the person's words. Personal data.")
)
PARTITION BY DATE(given_at)
CLUSTER BY service
OPTIONS(description="Human feedback on alerts and predictions.");

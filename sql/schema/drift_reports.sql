-- Did the features of the windows move away from what the models were trained on?
CREATE TABLE IF NOT EXISTS drift_reports (
  report_id STRING NOT NULL OPTIONS(description="Identity of the run; one run has a row per feature."),
  reported_at TIMESTAMP NOT NULL OPTIONS(description="When it ran, UTC."),
  model STRING NOT NULL OPTIONS(description="Model whose reference sample was compared."),
  model_version STRING NOT NULL OPTIONS(description="Version of the model."),
  feature STRING NOT NULL OPTIONS(description="Feature, or score for the model's own output."),
  statistic FLOAT64 NOT NULL OPTIONS(description="Two-sample Kolmogorov-Smirnov D, 0 to 1."),
  p_value FLOAT64 NOT NULL OPTIONS(description="Probability of such a D without drift."),
  significance FLOAT64 NOT NULL OPTIONS(description="p below this counts as drift: 0.05 / number of features (Bonferroni)."),
  drifted BOOL NOT NULL OPTIONS(description="p_value < significance."),
  reference_rows INT64 NOT NULL OPTIONS(description="Size of the reference sample."),
  current_rows INT64 NOT NULL OPTIONS(description="Size of the current sample.")
)
PARTITION BY DATE(reported_at)
CLUSTER BY model, feature
OPTIONS(description="Drift tests, one row per run, model and feature.");

-- Do the models still see what they were trained on?
CREATE OR REPLACE VIEW drift
OPTIONS(description="The latest drift test of each model and feature.")
AS
SELECT *
FROM drift_reports
QUALIFY ROW_NUMBER() OVER (PARTITION BY model, feature ORDER BY reported_at DESC) = 1;

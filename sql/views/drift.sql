-- Do the models still see what they were trained on?
CREATE OR REPLACE VIEW drift
OPTIONS(description="The latest drift test of each model and feature, of the last 90 days.")
AS
SELECT *
FROM drift_reports
WHERE reported_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 90 DAY)
QUALIFY ROW_NUMBER() OVER (PARTITION BY model, feature ORDER BY reported_at DESC) = 1;

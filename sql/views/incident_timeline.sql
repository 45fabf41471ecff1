-- What happened, in order: alerts and their changes, over the last 30 days?
CREATE OR REPLACE VIEW incident_timeline
OPTIONS(description="Every change of the last 30 days of every alert that began in the last 60, with the incident (group) it belongs to.")
AS
SELECT
  e.changed_at,
  COALESCE(a.group_id, a.alert_id) AS incident,
  a.service,
  a.rule,
  a.severity,
  e.from_state,
  e.to_state,
  e.reason,
  a.summary,
  a.value,
  a.usual
FROM alert_events AS e
JOIN alerts AS a ON a.alert_id = e.alert_id
WHERE e.changed_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
  AND a.started_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 60 DAY);

-- Every transition of every alert, and what was sent to whom because of it.
CREATE TABLE IF NOT EXISTS alert_events (
  event_id STRING NOT NULL OPTIONS(description="Identity of the event, the same when it is written twice."),
  alert_id STRING NOT NULL OPTIONS(description="Alert that changed."),
  changed_at TIMESTAMP NOT NULL OPTIONS(description="When it changed, UTC."),
  from_state STRING OPTIONS(description="State before; NULL for a new alert."),
  to_state STRING NOT NULL OPTIONS(description="State after."),
  reason STRING NOT NULL OPTIONS(description="Why: breach, recovery, silence, acknowledgement, …"),
  channel STRING OPTIONS(description="Channel that was told: slack, mail, webhook, pagerduty, jira; NULL: none."),
  delivery STRING OPTIONS(description="sent, retried or failed; NULL where nothing was sent.")
)
PARTITION BY DATE(changed_at)
CLUSTER BY alert_id
OPTIONS(description="History of alerts and their messages.");

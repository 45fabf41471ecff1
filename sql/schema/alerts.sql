-- One row per alert: what it is about and where it stands now; its history is in alert_events.
CREATE TABLE IF NOT EXISTS alerts (
  alert_id STRING NOT NULL OPTIONS(description="Identity of the alert: fingerprint and time of the first breach."),
  fingerprint STRING NOT NULL OPTIONS(description="Rule and labels, hashed: the same for each breach of one rule by one service."),
  group_id STRING OPTIONS(description="Incident that the alert belongs to; alerts of one incident share a message."),
  rule STRING NOT NULL OPTIONS(description="Rule that fired, e.g. error_spike, latency, silence."),
  service STRING NOT NULL OPTIONS(description="Service that it is about."),
  severity STRING NOT NULL OPTIONS(description="page, ticket or info."),
  state STRING NOT NULL OPTIONS(description="pending, firing, resolved, silenced or flapping."),
  started_at TIMESTAMP NOT NULL OPTIONS(description="Start of the first window that broke the rule, UTC."),
  updated_at TIMESTAMP NOT NULL OPTIONS(description="When the row was last changed, UTC."),
  resolved_at TIMESTAMP OPTIONS(description="When it was resolved, UTC; NULL while it is not."),
  value FLOAT64 OPTIONS(description="What was measured in the worst window, in the rule's unit."),
  usual FLOAT64 OPTIONS(description="What is usual for the service, in the same unit."),
  summary STRING NOT NULL OPTIONS(description="One sentence for a human."),
  evidence JSON OPTIONS(description="Patterns with counts, sample lines (redacted), trace ids, windows. Personal data."),
  acknowledged_by STRING OPTIONS(description="Who took it; NULL: nobody yet. Personal data."),
  PRIMARY KEY (alert_id) NOT ENFORCED
)
PARTITION BY DATE(started_at)
CLUSTER BY service, rule
OPTIONS(description="Alerts, upserted by alert_id.");

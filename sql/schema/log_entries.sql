-- Every log entry, one row each; a batch that Pub/Sub delivered twice may stand here twice with the same
-- insert_id, so ask the view `logs`, which shows each entry once.
CREATE TABLE IF NOT EXISTS log_entries (
  insert_id STRING NOT NULL OPTIONS(description="Identity of the entry: batch id, '-', index in the batch. Two rows with one insert_id are one entry."),
  timestamp TIMESTAMP NOT NULL OPTIONS(description="Event time, UTC."),
  timestamp_source STRING NOT NULL OPTIONS(description="Where the event time came from: the field's name, 'text' (read from the line) or 'publish' (Pub/Sub publish time, because the entry had none that could be read)."),
  received_at TIMESTAMP NOT NULL OPTIONS(description="When Pub/Sub took the message, UTC."),
  service STRING NOT NULL OPTIONS(description="Service that wrote the entry; 'unknown' where nothing names it."),
  instance STRING OPTIONS(description="Host, pod or container of the service."),
  severity STRING NOT NULL OPTIONS(description="Cloud Logging's name: DEFAULT, DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL, ALERT, EMERGENCY."),
  severity_number INT64 NOT NULL OPTIONS(description="Cloud Logging's number: 0, 100, 200, 300, 400, 500, 600, 700, 800."),
  message STRING NOT NULL OPTIONS(description="The text of the entry. Personal data."),
  pattern_id STRING OPTIONS(description="Pattern of the message: the same for messages that differ only in their variable parts."),
  http_status INT64 OPTIONS(description="HTTP status code of the request that the entry tells about."),
  latency_ms FLOAT64 OPTIONS(description="Duration of the request, in milliseconds."),
  error_code STRING OPTIONS(description="Error code that the service gave."),
  trace_id STRING OPTIONS(description="Trace id, without the projects/…/traces/ prefix."),
  span_id STRING OPTIONS(description="Span id."),
  request_id STRING OPTIONS(description="Request or correlation id."),
  user_id STRING OPTIONS(description="User on whose behalf the service acted. Personal data."),
  labels JSON OPTIONS(description="Every other field of the entry, with its name and type: a JSON object. Personal data."),
  anomaly_score INT64 NOT NULL OPTIONS(description="0 (usual) to 100, from the single-entry rules."),
  anomaly_reasons ARRAY<STRING> OPTIONS(description="Rules that marked the entry: severity, http_status, latency, error_code. Empty: not anomalous."),
  format STRING NOT NULL OPTIONS(description="Format the entry was read as: json, cloud_logging, text.")
)
PARTITION BY DATE(timestamp)
CLUSTER BY service, severity
OPTIONS(
  description="Log entries, at least once. Partitioned by day of event time, clustered by service and severity.",
  require_partition_filter=TRUE
);

-- One row per job, service and event-time window; a window that received late data has a higher revision.
CREATE TABLE IF NOT EXISTS service_windows (
  job STRING NOT NULL OPTIONS(description="Job that made the row, e.g. service_health."),
  service STRING NOT NULL OPTIONS(description="Key of the window: the service."),
  window_start TIMESTAMP NOT NULL OPTIONS(description="First instant of the window, inclusive, UTC."),
  window_end TIMESTAMP NOT NULL OPTIONS(description="End of the window, exclusive, UTC."),
  revision INT64 NOT NULL OPTIONS(description="1 for the first firing; each later firing of the window with more data is one higher."),
  tombstone BOOL NOT NULL OPTIONS(description="TRUE: the window no longer exists (a session merged into another)."),
  incomplete BOOL NOT NULL OPTIONS(description="TRUE: a partial result could not be read; the counts are too low."),
  partials INT64 NOT NULL OPTIONS(description="Partial results merged into the row, of all services of the window."),
  emitted_at TIMESTAMP NOT NULL OPTIONS(description="When this revision was made, UTC."),
  entries INT64 NOT NULL OPTIONS(description="Log entries in the window."),
  errors INT64 NOT NULL OPTIONS(description="Entries of severity ERROR or higher."),
  error_rate FLOAT64 NOT NULL OPTIONS(description="errors / entries, 0 to 1."),
  anomalies INT64 NOT NULL OPTIONS(description="Entries that a single-entry rule marked."),
  max_anomaly_score INT64 NOT NULL OPTIONS(description="Highest anomaly score of an entry, 0 to 100."),
  default_count INT64 NOT NULL OPTIONS(description="Entries without a severity."),
  debug_count INT64 NOT NULL OPTIONS(description="Entries of severity DEBUG."),
  info_count INT64 NOT NULL OPTIONS(description="Entries of severity INFO."),
  notice_count INT64 NOT NULL OPTIONS(description="Entries of severity NOTICE."),
  warning_count INT64 NOT NULL OPTIONS(description="Entries of severity WARNING."),
  error_count INT64 NOT NULL OPTIONS(description="Entries of severity ERROR."),
  critical_count INT64 NOT NULL OPTIONS(description="Entries of severity CRITICAL."),
  alert_count INT64 NOT NULL OPTIONS(description="Entries of severity ALERT."),
  emergency_count INT64 NOT NULL OPTIONS(description="Entries of severity EMERGENCY."),
  http_1xx INT64 NOT NULL OPTIONS(description="Entries with an HTTP status of 100 to 199."),
  http_2xx INT64 NOT NULL OPTIONS(description="Entries with an HTTP status of 200 to 299."),
  http_3xx INT64 NOT NULL OPTIONS(description="Entries with an HTTP status of 300 to 399."),
  http_4xx INT64 NOT NULL OPTIONS(description="Entries with an HTTP status of 400 to 499."),
  http_5xx INT64 NOT NULL OPTIONS(description="Entries with an HTTP status of 500 to 599."),
  latency_count INT64 NOT NULL OPTIONS(description="Entries that tell a latency."),
  latency_mean_ms FLOAT64 OPTIONS(description="Mean latency in milliseconds; NULL without one."),
  latency_variance_ms2 FLOAT64 OPTIONS(description="Population variance of latency, in square milliseconds; NULL without one."),
  latency_min_ms FLOAT64 OPTIONS(description="Lowest latency in milliseconds."),
  latency_p50_ms FLOAT64 OPTIONS(description="Median latency in milliseconds, within 1 % (DDSketch)."),
  latency_p90_ms FLOAT64 OPTIONS(description="90th percentile of latency in milliseconds, within 1 %."),
  latency_p95_ms FLOAT64 OPTIONS(description="95th percentile of latency in milliseconds, within 1 %."),
  latency_p99_ms FLOAT64 OPTIONS(description="99th percentile of latency in milliseconds, within 1 %."),
  latency_max_ms FLOAT64 OPTIONS(description="Highest latency in milliseconds."),
  distinct_users INT64 NOT NULL OPTIONS(description="Distinct user ids, estimated (HyperLogLog, standard error 1.6 %)."),
  top_patterns ARRAY<STRUCT<pattern_id STRING, entries INT64>> OPTIONS(description="The ten most frequent message patterns, most frequent first."),
  PRIMARY KEY (job, service, window_start) NOT ENFORCED
)
PARTITION BY DATE(window_start)
CLUSTER BY job, service
OPTIONS(
  description="Event-time windows per service, upserted by job, service and window start; the highest revision stands."
);

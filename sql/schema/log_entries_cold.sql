-- Log entries of the cold tier. Empty until the first day leaves log_entries; then the function `tier` puts a table of
-- Parquet files in its place (functions/archive/tier-sql.ts), with these columns. JSON and lists are text in the files.
CREATE TABLE IF NOT EXISTS log_entries_cold (
  insert_id STRING OPTIONS(description="As in log_entries."),
  timestamp TIMESTAMP OPTIONS(description="As in log_entries."),
  timestamp_source STRING OPTIONS(description="As in log_entries."),
  received_at TIMESTAMP OPTIONS(description="As in log_entries."),
  service STRING OPTIONS(description="As in log_entries."),
  instance STRING OPTIONS(description="As in log_entries."),
  severity STRING OPTIONS(description="As in log_entries."),
  severity_number INT64 OPTIONS(description="As in log_entries."),
  message STRING OPTIONS(description="As in log_entries. Personal data."),
  pattern_id STRING OPTIONS(description="As in log_entries."),
  http_status INT64 OPTIONS(description="As in log_entries."),
  latency_ms FLOAT64 OPTIONS(description="As in log_entries."),
  error_code STRING OPTIONS(description="As in log_entries."),
  trace_id STRING OPTIONS(description="As in log_entries."),
  span_id STRING OPTIONS(description="As in log_entries."),
  request_id STRING OPTIONS(description="As in log_entries."),
  user_id STRING OPTIONS(description="As in log_entries. Personal data."),
  labels STRING OPTIONS(description="As in log_entries, as text. Personal data."),
  anomaly_score INT64 OPTIONS(description="As in log_entries."),
  anomaly_reasons STRING OPTIONS(description="As in log_entries, separated by commas."),
  format STRING OPTIONS(description="As in log_entries."),
  day DATE OPTIONS(description="Day of timestamp, UTC: a folder of the files. Filter on it to read no other day's."),
  service_hash STRING OPTIONS(description="First hexadecimal digit of the MD5 of service: a folder of the files.")
)
OPTIONS(description="Log entries whose day has left BigQuery for Parquet files in the archive bucket, each once. Ask the view logs or the function logs_between, which read both.");

-- Entries that came after their window could still change, or before it may be opened; each also stands in log_entries.
CREATE TABLE IF NOT EXISTS late_entries (
  insert_id STRING NOT NULL OPTIONS(description="The entry's insert_id in log_entries."),
  job STRING NOT NULL OPTIONS(description="Job whose window the entry missed."),
  service STRING NOT NULL OPTIONS(description="Service of the entry."),
  window_start TIMESTAMP NOT NULL OPTIONS(description="Start of the window it missed, UTC."),
  window_end TIMESTAMP NOT NULL OPTIONS(description="End of the window it missed, UTC."),
  timestamp TIMESTAMP NOT NULL OPTIONS(description="Event time of the entry, UTC."),
  received_at TIMESTAMP NOT NULL OPTIONS(description="When Pub/Sub took the message, UTC."),
  reason STRING NOT NULL OPTIONS(description="late (beyond the allowed lateness), sealed (a backfill for a window that is closed for good) or future (its time is further ahead of the clock than LOGWEIR_MAX_FUTURE).")
)
PARTITION BY DATE(received_at)
CLUSTER BY job, service
OPTIONS(description="Entries that are in no window row, because they came too late or claim to come from the future. Counted, never dropped in silence.");

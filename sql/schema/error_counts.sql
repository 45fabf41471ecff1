-- One row per service and window with warnings or worse: the job that Flink users write first, errors per 10 s.
CREATE TABLE IF NOT EXISTS error_counts (
  job STRING NOT NULL OPTIONS(description="Job that made the row: error_counts."),
  service STRING NOT NULL OPTIONS(description="Key of the window: the service."),
  window_start TIMESTAMP NOT NULL OPTIONS(description="First instant of the window, inclusive, UTC."),
  window_end TIMESTAMP NOT NULL OPTIONS(description="End of the window, exclusive, UTC."),
  revision INT64 NOT NULL OPTIONS(description="1 for the first firing; each later firing of the window with more data is one higher."),
  tombstone BOOL NOT NULL OPTIONS(description="TRUE: the window no longer exists (a session merged into another)."),
  incomplete BOOL NOT NULL OPTIONS(description="TRUE: a partial result could not be read; the counts are too low."),
  partials INT64 NOT NULL OPTIONS(description="Partial results merged into the row, of all services of the window."),
  emitted_at TIMESTAMP NOT NULL OPTIONS(description="When this revision was made, UTC."),
  warnings INT64 NOT NULL OPTIONS(description="Entries of severity WARNING."),
  errors INT64 NOT NULL OPTIONS(description="Entries of severity ERROR."),
  criticals INT64 NOT NULL OPTIONS(description="Entries of severity CRITICAL or higher."),
  PRIMARY KEY (job, service, window_start) NOT ENFORCED
)
PARTITION BY DATE(window_start)
CLUSTER BY job, service
OPTIONS(
  description="Warnings and errors per service and window, upserted by job, service and window start; runs when LOGWEIR_JOBS names error_counts."
);

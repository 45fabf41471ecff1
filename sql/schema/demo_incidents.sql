-- What the generator broke on purpose, and when: the truth to measure detection against.
CREATE TABLE IF NOT EXISTS demo_incidents (
  incident_id STRING NOT NULL OPTIONS(description="Identity of the incident, the same for the same seed."),
  kind STRING NOT NULL OPTIONS(description="error_burst, latency_creep, cascading_failure, silent_service or new_error_pattern."),
  service STRING NOT NULL OPTIONS(description="Service where it starts."),
  affected ARRAY<STRING> OPTIONS(description="All services it touches, in the order in which it reaches them."),
  precursor_at TIMESTAMP OPTIONS(description="First sign before the failure, UTC; NULL where there is none."),
  started_at TIMESTAMP NOT NULL OPTIONS(description="When the failure starts, UTC."),
  ended_at TIMESTAMP NOT NULL OPTIONS(description="When the service is well again, UTC."),
  seed INT64 NOT NULL OPTIONS(description="Seed of the generator that made it.")
)
PARTITION BY DATE(started_at)
OPTIONS(description="Incidents that the demo's generator made, with their true times.");

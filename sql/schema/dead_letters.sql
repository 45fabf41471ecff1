-- What could not become a log entry, whole, with the reason.
CREATE TABLE IF NOT EXISTS dead_letters (
  insert_id STRING NOT NULL OPTIONS(description="Batch id, '-', index of the record in the batch ('-batch' where the whole message failed)."),
  part INT64 NOT NULL OPTIONS(description="0 for the first row of a dead letter; raw data over 4 MiB goes on in parts 1, 2, …"),
  parts INT64 NOT NULL OPTIONS(description="How many rows the dead letter has."),
  received_at TIMESTAMP NOT NULL OPTIONS(description="When Pub/Sub took the message, UTC."),
  stage STRING NOT NULL OPTIONS(description="Stage that refused it: ingest, parse, window."),
  reason STRING NOT NULL OPTIONS(description="Why, as a fixed word: e.g. truncated, too_large, too_deep, not_an_object."),
  detail STRING NOT NULL OPTIONS(description="Why, in a sentence with the values and limits; never the payload."),
  message_id STRING NOT NULL OPTIONS(description="Pub/Sub message id."),
  attributes JSON OPTIONS(description="Attributes of the Pub/Sub message. Personal data."),
  raw BYTES OPTIONS(description="The bytes themselves. Personal data.")
)
PARTITION BY DATE(received_at)
CLUSTER BY stage, reason
OPTIONS(description="Records and messages that could not be parsed, whole. Count those with part = 0.");

-- Patterns of messages: what the entries of one pattern_id look like, since when, how many. Written by the
-- scheduled step that learns the catalogue.
CREATE TABLE IF NOT EXISTS patterns (
  pattern_id STRING NOT NULL OPTIONS(description="Identity of the pattern, as in log_entries. Stays when the template becomes more general."),
  template STRING NOT NULL OPTIONS(description="The message with <*> for each variable part."),
  merged_into STRING OPTIONS(description="Pattern that this one was merged into when both turned out to be the same; entries after that carry the other id. NULL: in use."),
  learned BOOL NOT NULL OPTIONS(description="TRUE: in the learned catalogue. FALSE: known by the shape of its words alone, until the next learning."),
  first_revision INT64 OPTIONS(description="Revision of the catalogue that first had the pattern; NULL if not learned."),
  first_seen TIMESTAMP NOT NULL OPTIONS(description="Event time of the earliest entry, UTC."),
  last_seen TIMESTAMP NOT NULL OPTIONS(description="Event time of the latest entry, UTC."),
  entries INT64 NOT NULL OPTIONS(description="Entries counted, all services."),
  services ARRAY<STRING> OPTIONS(description="Services that wrote it, at most ten, in alphabetical order."),
  severity_number INT64 NOT NULL OPTIONS(description="Highest severity of an entry: 0, 100, 200, …, 800, as in log_entries."),
  example STRING NOT NULL OPTIONS(description="One message of the pattern, redacted as all messages are. Personal data."),
  is_new BOOL NOT NULL OPTIONS(description="TRUE: first seen in the last 24 hours before updated_at."),
  is_rare BOOL NOT NULL OPTIONS(description="TRUE: at most 2 entries, or fewer than one in 10,000."),
  category STRING OPTIONS(description="What BERT calls its example where that is an error: network, timeout, database, …; NULL: not asked, or the models did not answer."),
  counted_until TIMESTAMP NOT NULL OPTIONS(description="Entries that arrived before this instant are counted, UTC."),
  updated_at TIMESTAMP NOT NULL OPTIONS(description="When this row was written, UTC."),
  PRIMARY KEY (pattern_id) NOT ENFORCED
)
CLUSTER BY pattern_id
OPTIONS(description="One row for each pattern of messages, upserted by pattern_id.");

-- What happened to services that their logs do not tell: deployments, and what people noted.
CREATE TABLE IF NOT EXISTS notes (
  note_id STRING NOT NULL OPTIONS(description="Identity of the note."),
  happened_at TIMESTAMP NOT NULL OPTIONS(description="When it happened, UTC."),
  service STRING NOT NULL OPTIONS(description="Service that it is about."),
  kind STRING NOT NULL OPTIONS(description="deployment or note."),
  text STRING NOT NULL OPTIONS(description="In the person's or the pipeline's words. Personal data."),
  noted_by STRING NOT NULL OPTIONS(description="Who noted it. Personal data.")
)
PARTITION BY DATE(happened_at)
CLUSTER BY service
OPTIONS(description="Deployments and notes, shown beside the windows of a service.");

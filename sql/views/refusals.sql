-- What could not be read as a log entry, each once, and why?
CREATE OR REPLACE VIEW refusals
OPTIONS(description="Dead letters, one row each however often they were delivered; raw holds the first 4 MiB.")
AS
SELECT *
FROM dead_letters
WHERE part = 0
QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id ORDER BY received_at) = 1;

-- Which entries hold a word? SEARCH finds them without reading the text of the others.
-- The default analyzer, LOG_ANALYZER, splits at white space and punctuation and takes no notice of case. BigQuery fills
-- the index in the background, and only of tables above 10 GB.
CREATE SEARCH INDEX IF NOT EXISTS log_entries_search
ON log_entries(message, labels);

-- Which messages were never seen before the last 24 hours?
CREATE OR REPLACE VIEW new_patterns
OPTIONS(description="Patterns first seen in the last 24 hours, errors first.")
AS
SELECT pattern_id, template, first_seen, last_seen, entries, services, severity_number, example, is_rare
FROM patterns
WHERE first_seen >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
  AND merged_into IS NULL;

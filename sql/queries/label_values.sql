-- Which values does a label have, and how do they fare?
-- Columns: value, entries, errors.
SELECT
  JSON_VALUE(labels, '$.region') AS value,
  COUNT(*) AS entries,
  COUNTIF(severity_number >= 500) AS errors
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR) AND JSON_VALUE(labels, '$.region') IS NOT NULL
GROUP BY value
ORDER BY entries DESC, value;

-- Which requests failed in the last hour, through which services did they go?
-- Columns: trace_id, start, services, errors, worst status.
SELECT
  trace_id,
  MIN(timestamp) AS started_at,
  STRING_AGG(DISTINCT service ORDER BY service) AS services,
  COUNTIF(severity_number >= 500) AS errors,
  MAX(http_status) AS worst_http_status
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) AND trace_id IS NOT NULL
GROUP BY trace_id
HAVING errors > 0
ORDER BY started_at DESC, trace_id
LIMIT 100;

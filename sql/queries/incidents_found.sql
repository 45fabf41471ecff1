-- Which of the demo incidents show in the windows as more errors than usual?
-- Columns: incident_id, kind, service, start, highest error rate during it and in the ten minutes before.
SELECT
  i.incident_id,
  i.kind,
  i.service,
  i.started_at,
  MAX(IF(w.window_start >= i.started_at, w.error_rate, NULL)) AS during,
  MAX(IF(w.window_start < i.started_at, w.error_rate, NULL)) AS before
FROM demo_incidents AS i
JOIN windows AS w
  ON w.service = i.service
  AND w.window_start >= TIMESTAMP_SUB(i.started_at, INTERVAL 10 MINUTE)
  AND w.window_start < i.ended_at
WHERE w.job = 'service_health' AND i.started_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)
GROUP BY i.incident_id, i.kind, i.service, i.started_at
ORDER BY i.started_at, i.incident_id;

-- Which requests were the slowest today?
-- Columns: timestamp, service, latency_ms, http_status, message, trace_id.
SELECT timestamp, service, latency_ms, http_status, message, trace_id
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR) AND latency_ms IS NOT NULL
ORDER BY latency_ms DESC, timestamp
LIMIT 50;

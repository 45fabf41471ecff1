-- What happened in one request, across services, in order?
-- Columns: timestamp, service, severity, message, latency_ms, http_status.
-- Parameters: @since TIMESTAMP, @until TIMESTAMP, @trace_id STRING.
SELECT timestamp, service, severity, message, latency_ms, http_status
FROM logs
WHERE timestamp BETWEEN @since AND @until AND trace_id = @trace_id
ORDER BY timestamp, insert_id;

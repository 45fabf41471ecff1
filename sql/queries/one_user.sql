-- What did one user meet, in order?
-- Columns: timestamp, service, severity, http_status, message, trace_id.
-- Parameters: @since TIMESTAMP, @until TIMESTAMP, @user_id STRING.
SELECT timestamp, service, severity, http_status, message, trace_id
FROM logs
WHERE timestamp BETWEEN @since AND @until AND user_id = @user_id
ORDER BY timestamp, insert_id;

-- Which requests succeeded in the last 24 hours?
CREATE OR REPLACE VIEW successes
OPTIONS(description="Dashboard Successes: entries of the last 24 hours that tell an HTTP status below 400 and are no error.")
AS
SELECT timestamp, service, instance, http_status, message, latency_ms, trace_id, request_id, user_id
FROM recent_logs
WHERE http_status < 400 AND severity_number < 500;

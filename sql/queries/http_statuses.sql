-- Which HTTP statuses did each service answer in the last hour?
-- Columns: service, http_status, entries.
SELECT service, http_status, COUNT(*) AS entries
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) AND http_status IS NOT NULL
GROUP BY service, http_status
ORDER BY service, entries DESC, http_status;

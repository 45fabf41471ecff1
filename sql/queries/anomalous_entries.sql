-- Which single entries were the most anomalous in the last hour, and why?
-- Columns: timestamp, service, anomaly_score, reasons, message.
SELECT timestamp, service, anomaly_score, ARRAY_TO_STRING(anomaly_reasons, ', ') AS reasons, message
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) AND anomaly_score > 0
ORDER BY anomaly_score DESC, timestamp DESC
LIMIT 100;

-- How many users met errors in the last hour, per service?
-- Columns: service, users with errors, users, share.
SELECT
  service,
  COUNT(DISTINCT IF(severity_number >= 500, user_id, NULL)) AS users_with_errors,
  COUNT(DISTINCT user_id) AS users,
  SAFE_DIVIDE(COUNT(DISTINCT IF(severity_number >= 500, user_id, NULL)), COUNT(DISTINCT user_id)) AS share
FROM logs
WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) AND user_id IS NOT NULL
GROUP BY service
ORDER BY users_with_errors DESC, service;

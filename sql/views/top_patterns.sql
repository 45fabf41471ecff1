-- Which message patterns fill the logs of the last 24 hours?
CREATE OR REPLACE VIEW top_patterns
OPTIONS(description="Per service and pattern: entries of the last 24 hours from the windows, with the pattern's template.")
AS
SELECT
  w.service,
  top.pattern_id,
  ANY_VALUE(p.template) AS template,
  ANY_VALUE(p.example) AS example,
  SUM(top.entries) AS entries,
  MIN(w.window_start) AS first_window,
  MAX(w.window_start) AS last_window
FROM recent_windows AS w
CROSS JOIN UNNEST(w.top_patterns) AS top
LEFT JOIN patterns AS p ON p.pattern_id = top.pattern_id
WHERE w.job = 'service_health'
GROUP BY w.service, top.pattern_id;

-- Small rows for the tables of sql/schema, around noon of 2026-11-20: entries delivered twice, NULLs, a window of two
-- revisions, a tombstone, rows older than the time range of every view.
INSERT INTO log_entries (insert_id, timestamp, timestamp_source, received_at, service, instance, severity, severity_number, message, pattern_id, http_status, latency_ms, error_code, trace_id, span_id, request_id, user_id, labels, anomaly_score, anomaly_reasons, format) VALUES
  ('b1-0', TIMESTAMP '2026-11-20 11:30:00+00', 'time', TIMESTAMP '2026-11-20 11:30:01+00', 'auth', 'a-1', 'INFO', 200, 'user ada logged in', 'p-login', 200, 12.5, NULL, 't1', 's1', 'r1', 'ada', JSON '{"region":"eu","n":1}', 0, [], 'json'),
  ('b1-0', TIMESTAMP '2026-11-20 11:30:00+00', 'time', TIMESTAMP '2026-11-20 11:31:00+00', 'auth', 'a-1', 'INFO', 200, 'user ada logged in', 'p-login', 200, 12.5, NULL, 't1', 's1', 'r1', 'ada', JSON '{"region":"eu","n":1}', 0, [], 'json'),
  ('b1-1', TIMESTAMP '2026-11-20 11:30:00.250+00', 'time', TIMESTAMP '2026-11-20 11:30:01+00', 'payment', 'p-1', 'ERROR', 500, 'Timeout talking to db', 'p-timeout', 500, 3100, 'ETIMEDOUT', 't1', 's2', 'r1', 'ada', JSON '{"region":"eu","db":"orders"}', 85, ['severity', 'latency'], 'json'),
  ('b1-2', TIMESTAMP '2026-11-20 11:30:00.500+00', 'time', TIMESTAMP '2026-11-20 11:30:01+00', 'auth', 'a-2', 'WARNING', 400, 'login slow for ünïcode', 'p-slow', 404, NULL, NULL, 't1', NULL, 'r1', NULL, JSON '{"region":"us"}', 40, ['http_status'], 'json'),
  ('b2-0', TIMESTAMP '2026-11-20 11:59:00+00', 'publish', TIMESTAMP '2026-11-20 11:59:30+00', 'payment', NULL, 'CRITICAL', 600, 'card declined', 'p-card', NULL, 20, 'E1', 't2', NULL, NULL, 'bob', NULL, 90, ['severity'], 'text'),
  ('b2-1', TIMESTAMP '2026-11-20 11:59:10+00', 'time', TIMESTAMP '2026-11-20 11:59:30+00', 'payment', 'p-1', 'INFO', 200, 'paid 12 €', 'p-paid', 201, 45, NULL, 't3', NULL, NULL, 'bob', JSON '{}', 0, [], 'json'),
  ('b3-0', TIMESTAMP '2026-11-19 18:00:00+00', 'time', TIMESTAMP '2026-11-19 18:00:02+00', 'user', 'u-1', 'DEBUG', 100, 'cache miss', 'p-cache', NULL, NULL, NULL, NULL, NULL, NULL, NULL, JSON '{"region":"eu"}', 0, [], 'json'),
  ('b4-0', TIMESTAMP '2026-11-01 10:00:00+00', 'time', TIMESTAMP '2026-11-01 10:00:01+00', 'auth', 'a-1', 'ERROR', 500, 'an old timeout', 'p-timeout', 500, 9000, 'ETIMEDOUT', 't0', NULL, NULL, 'eve', JSON '{"region":"eu"}', 85, ['severity'], 'json');

INSERT INTO log_entries_cold (insert_id, timestamp, timestamp_source, received_at, service, instance, severity, severity_number, message, pattern_id, http_status, latency_ms, error_code, trace_id, span_id, request_id, user_id, labels, anomaly_score, anomaly_reasons, format, day, service_hash) VALUES
  ('b1-1', TIMESTAMP '2026-11-20 11:30:00.250+00', 'time', TIMESTAMP '2026-11-20 11:30:05+00', 'payment', 'p-1', 'ERROR', 500, 'Timeout talking to db', 'p-timeout', 500, 3100, 'ETIMEDOUT', 't1', 's2', 'r1', 'ada', '{"region":"eu","db":"orders"}', 85, 'severity,latency', 'json', DATE '2026-11-20', 'a'),
  ('c1-0', TIMESTAMP '2026-11-20 11:45:00+00', 'time', TIMESTAMP '2026-11-20 11:45:01+00', 'auth', 'a-1', 'ERROR', 500, 'cold', 'p-timeout', 500, 1, NULL, 't1', NULL, NULL, 'ada', '{"note":"TimeOut"}', 70, '', 'json', DATE '2026-11-20', 'b');

INSERT INTO service_windows (job, service, window_start, window_end, revision, tombstone, incomplete, partials, emitted_at, entries, errors, error_rate, anomalies, max_anomaly_score, default_count, debug_count, info_count, notice_count, warning_count, error_count, critical_count, alert_count, emergency_count, http_1xx, http_2xx, http_3xx, http_4xx, http_5xx, latency_count, latency_mean_ms, latency_variance_ms2, latency_min_ms, latency_p50_ms, latency_p90_ms, latency_p95_ms, latency_p99_ms, latency_max_ms, distinct_users, top_patterns) VALUES
  ('service_health', 'auth', TIMESTAMP '2026-11-20 11:30:00+00', TIMESTAMP '2026-11-20 11:30:10+00', 1, FALSE, FALSE, 2, TIMESTAMP '2026-11-20 11:30:15.250+00', 10, 1, 0.1, 1, 85, 0, 0, 8, 0, 1, 1, 0, 0, 0, 0, 8, 0, 1, 1, 9, 20.5, 4, 10, 20, 25, 28, 30, 31, 3, [STRUCT('p-login', 8), STRUCT('p-timeout', 1)]),
  ('service_health', 'auth', TIMESTAMP '2026-11-20 11:30:00+00', TIMESTAMP '2026-11-20 11:30:10+00', 2, FALSE, FALSE, 3, TIMESTAMP '2026-11-20 11:31:15+00', 12, 2, 0.16666666666666666, 2, 85, 0, 0, 9, 0, 1, 2, 0, 0, 0, 0, 9, 0, 1, 2, 11, 22.5, 4, 10, 20, 25, 28, 30, 35, 3, [STRUCT('p-login', 9), STRUCT('p-timeout', 2)]),
  ('service_health', 'auth', TIMESTAMP '2026-11-20 11:57:00+00', TIMESTAMP '2026-11-20 11:57:10+00', 1, FALSE, FALSE, 1, TIMESTAMP '2026-11-20 11:57:15+00', 20, 12, 0.6, 12, 85, 0, 0, 8, 0, 0, 12, 0, 0, 0, 0, 8, 0, 0, 12, 20, 100, 9, 10, 90, 150, 180, 200, 220, 5, [STRUCT('p-timeout', 8)]),
  ('service_health', 'payment', TIMESTAMP '2026-11-20 11:20:00+00', TIMESTAMP '2026-11-20 11:20:10+00', 1, FALSE, TRUE, 1, TIMESTAMP '2026-11-20 11:20:16+00', 5, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, []),
  ('service_health', 'payment', TIMESTAMP '2026-11-20 11:56:00+00', TIMESTAMP '2026-11-20 11:56:10+00', 1, FALSE, FALSE, 1, TIMESTAMP '2026-11-20 11:56:17+00', 4, 0, 0, 0, 10, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 2, 30, 0, 30, 30, 30, 30, 30, 30, 2, [STRUCT('p-paid', 4)]),
  ('service_health', 'gone', TIMESTAMP '2026-11-20 11:58:00+00', TIMESTAMP '2026-11-20 11:58:10+00', 2, TRUE, FALSE, 1, TIMESTAMP '2026-11-20 11:59:00+00', 7, 7, 1, 7, 90, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 7, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, []),
  ('service_health', 'user', TIMESTAMP '2026-11-19 13:30:00+00', TIMESTAMP '2026-11-19 13:30:10+00', 1, FALSE, FALSE, 1, TIMESTAMP '2026-11-19 13:30:15+00', 50, 0, 0, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50, 11, 1, 10, 11, 12, 12, 12, 13, 9, [STRUCT('p-cache', 50)]),
  ('sessions', 'auth', TIMESTAMP '2026-11-20 11:29:00+00', TIMESTAMP '2026-11-20 11:45:00+00', 3, FALSE, FALSE, 4, TIMESTAMP '2026-11-20 11:45:05+00', 12, 2, 0.16666666666666666, 2, 85, 0, 0, 10, 0, 0, 2, 0, 0, 0, 0, 10, 0, 0, 2, 12, 30, 4, 10, 20, 25, 28, 30, 35, 3, []),
  ('service_health', 'auth', TIMESTAMP '2026-09-01 00:00:00+00', TIMESTAMP '2026-09-01 00:00:10+00', 1, FALSE, FALSE, 1, TIMESTAMP '2026-09-01 00:00:15+00', 99, 99, 1, 99, 85, 0, 0, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 99, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 9, []);

INSERT INTO patterns (pattern_id, template, merged_into, learned, first_revision, first_seen, last_seen, entries, services, severity_number, example, is_new, is_rare, counted_until, updated_at) VALUES
  ('p-login', 'user <*> logged in', NULL, TRUE, 1, TIMESTAMP '2026-10-01 00:00:00+00', TIMESTAMP '2026-11-20 11:59:00+00', 900, ['auth'], 200, 'user ada logged in', FALSE, FALSE, TIMESTAMP '2026-11-20 11:59:00+00', TIMESTAMP '2026-11-20 12:00:00+00'),
  ('p-timeout', 'Timeout talking to <*>', NULL, TRUE, 2, TIMESTAMP '2026-11-20 09:00:00+00', TIMESTAMP '2026-11-20 11:58:00+00', 11, ['auth', 'payment'], 500, 'Timeout talking to db', TRUE, FALSE, TIMESTAMP '2026-11-20 11:59:00+00', TIMESTAMP '2026-11-20 12:00:00+00'),
  ('p-merged', 'timeout <*>', 'p-timeout', TRUE, 2, TIMESTAMP '2026-11-20 10:00:00+00', TIMESTAMP '2026-11-20 10:00:00+00', 1, ['auth'], 500, 'timeout db', TRUE, TRUE, TIMESTAMP '2026-11-20 11:59:00+00', TIMESTAMP '2026-11-20 12:00:00+00');

INSERT INTO alerts (alert_id, fingerprint, group_id, rule, service, severity, state, started_at, updated_at, resolved_at, value, usual, summary, evidence, acknowledged_by) VALUES
  ('al1', 'f1', 'g1', 'error_spike', 'auth', 'page', 'resolved', TIMESTAMP '2026-11-20 11:00:00+00', TIMESTAMP '2026-11-20 11:10:00+00', TIMESTAMP '2026-11-20 11:10:00+00', 0.4, 0.01, 'auth fails', JSON '{"windows":2}', 'ada'),
  ('al2', 'f1', NULL, 'error_spike', 'auth', 'page', 'firing', TIMESTAMP '2026-11-20 11:57:00+00', TIMESTAMP '2026-11-20 11:57:20+00', NULL, 0.5, 0.01, 'auth fails again', NULL, NULL),
  ('al3', 'f2', NULL, 'latency', 'payment', 'ticket', 'resolved', TIMESTAMP '2026-11-10 10:00:00+00', TIMESTAMP '2026-11-10 10:00:30+00', TIMESTAMP '2026-11-10 10:00:30+00', 900, 30, 'payment is slow', NULL, NULL),
  ('al0', 'f1', NULL, 'error_spike', 'auth', 'page', 'resolved', TIMESTAMP '2026-08-01 10:00:00+00', TIMESTAMP '2026-08-01 10:05:00+00', TIMESTAMP '2026-08-01 10:05:00+00', 1, 0, 'long ago', NULL, NULL);
INSERT INTO alert_events (event_id, alert_id, changed_at, from_state, to_state, reason, channel, delivery) VALUES
  ('e1', 'al1', TIMESTAMP '2026-11-20 11:00:00+00', NULL, 'firing', 'breach', 'slack', 'sent'),
  ('e2', 'al1', TIMESTAMP '2026-11-20 11:10:00+00', 'firing', 'resolved', 'recovery', NULL, NULL),
  ('e3', 'al2', TIMESTAMP '2026-11-20 11:57:00+00', NULL, 'firing', 'breach', 'mail', 'failed'),
  ('e0', 'al0', TIMESTAMP '2026-08-01 10:00:00+00', NULL, 'firing', 'breach', NULL, NULL);
INSERT INTO feedback (feedback_id, given_at, given_by, kind, service, window_start, alert_id, category, note) VALUES
  ('fb1', TIMESTAMP '2026-11-20 11:15:00+00', 'ada', 'useful', 'auth', TIMESTAMP '2026-11-20 11:30:00+00', 'al1', 'timeout', 'right'),
  ('fb2', TIMESTAMP '2026-11-11 09:00:00+00', 'bob', 'noise', 'payment', TIMESTAMP '2026-11-20 11:20:00+00', 'al3', NULL, NULL),
  ('fb3', TIMESTAMP '2026-11-20 11:50:00+00', 'bob', 'missed', 'user', TIMESTAMP '2026-11-19 13:30:00+00', NULL, NULL, NULL),
  ('fb0', TIMESTAMP '2026-08-02 09:00:00+00', 'bob', 'noise', 'auth', NULL, 'al1', NULL, NULL);
INSERT INTO predictions (service, window_start, model, model_version, revision, predicted_at, score, threshold, positive, horizon_s, category, decided_by, explanation) VALUES
  ('auth', TIMESTAMP '2026-11-20 11:30:00+00', 'verdict', NULL, 1, TIMESTAMP '2026-11-20 11:30:16+00', 0.9, 0.5, TRUE, NULL, NULL, 'model', NULL),
  ('auth', TIMESTAMP '2026-11-20 11:57:00+00', 'verdict', NULL, 1, TIMESTAMP '2026-11-20 11:57:16+00', 0.8, 0.5, TRUE, NULL, NULL, 'fallback', NULL),
  ('payment', TIMESTAMP '2026-11-20 11:20:00+00', 'verdict', NULL, 1, TIMESTAMP '2026-11-20 11:20:17+00', 0.7, 0.5, TRUE, NULL, NULL, 'model', NULL),
  ('payment', TIMESTAMP '2026-11-20 11:56:00+00', 'verdict', NULL, 1, TIMESTAMP '2026-11-20 11:56:18+00', 0.1, 0.5, FALSE, NULL, NULL, 'model', NULL),
  ('user', TIMESTAMP '2026-11-19 13:30:00+00', 'verdict', NULL, 1, TIMESTAMP '2026-11-19 13:30:16+00', 0.2, 0.5, FALSE, NULL, NULL, 'model', NULL),
  ('user', TIMESTAMP '2026-11-19 13:30:00+00', 'forest', '3', 1, TIMESTAMP '2026-11-19 13:30:16+00', 0.2, 0.5, FALSE, NULL, NULL, 'model', NULL);
INSERT INTO dead_letters (insert_id, part, parts, received_at, stage, reason, detail, message_id, attributes, raw) VALUES
  ('d1-0', 0, 2, TIMESTAMP '2026-11-20 10:00:00+00', 'parse', 'too_deep', 'nested 101 deep, at most 100', 'm1', JSON '{"a":"b"}', b'\x00\xff'),
  ('d1-0', 1, 2, TIMESTAMP '2026-11-20 10:00:00+00', 'parse', 'too_deep', 'nested 101 deep, at most 100', 'm1', JSON '{"a":"b"}', b'\x01'),
  ('d1-0', 0, 2, TIMESTAMP '2026-11-20 10:05:00+00', 'parse', 'too_deep', 'nested 101 deep, at most 100', 'm2', JSON '{"a":"b"}', b'\x00\xff'),
  ('d2-batch', 0, 1, TIMESTAMP '2026-11-20 10:10:00+00', 'ingest', 'truncated', 'the stream ends early', 'm3', NULL, NULL);
INSERT INTO late_entries (insert_id, job, service, window_start, window_end, timestamp, received_at, reason) VALUES
  ('b1-2', 'service_health', 'auth', TIMESTAMP '2026-11-20 11:30:00+00', TIMESTAMP '2026-11-20 11:30:10+00', TIMESTAMP '2026-11-20 11:30:00.500+00', TIMESTAMP '2026-11-20 11:30:01+00', 'late'),
  ('b1-2', 'error_counts', 'auth', TIMESTAMP '2026-11-20 11:30:00+00', TIMESTAMP '2026-11-20 11:30:10+00', TIMESTAMP '2026-11-20 11:30:00.500+00', TIMESTAMP '2026-11-20 11:30:01+00', 'late');
INSERT INTO drift_reports (report_id, reported_at, model, model_version, feature, statistic, p_value, significance, drifted, reference_rows, current_rows) VALUES
  ('r1', TIMESTAMP '2026-11-18 00:00:00+00', 'forest', '3', 'error_rate', 0.5, 0.001, 0.00625, TRUE, 1000, 900),
  ('r2', TIMESTAMP '2026-11-19 00:00:00+00', 'forest', '3', 'error_rate', 0.05, 0.4, 0.00625, FALSE, 1000, 950),
  ('r2', TIMESTAMP '2026-11-19 00:00:00+00', 'forest', '3', 'score', 0.3, 0.002, 0.00625, TRUE, 1000, 950),
  ('r0', TIMESTAMP '2026-01-19 00:00:00+00', 'lstm', '1', 'score', 0.3, 0.002, 0.00625, TRUE, 1000, 950);
INSERT INTO demo_incidents (incident_id, kind, service, affected, precursor_at, started_at, ended_at, seed) VALUES
  ('i1', 'error_burst', 'auth', ['auth', 'payment'], NULL, TIMESTAMP '2026-11-20 11:56:00+00', TIMESTAMP '2026-11-20 11:58:00+00', 7),
  ('i2', 'silent_service', 'payment', ['payment'], TIMESTAMP '2026-11-20 11:10:00+00', TIMESTAMP '2026-11-20 11:21:00+00', TIMESTAMP '2026-11-20 11:30:00+00', 7);
INSERT INTO experiments (experiment_id, name, started_at, ended_at, producers, consumers, shards, rate, seed, saturated, machine, settings) VALUES
  ('x1', 'ten thousand', TIMESTAMP '2026-11-12 10:00:00+00', TIMESTAMP '2026-11-12 10:01:00+00', 2, 2, 1, 10000, 1, FALSE, JSON '{}', JSON '{}'),
  ('x2', 'broken off', TIMESTAMP '2026-11-12 11:00:00+00', NULL, 1, 1, 1, 20000, 1, NULL, JSON '{}', JSON '{}');
INSERT INTO performance_metrics (experiment_id, measured_at, process, metric, quantile, value, unit) VALUES
  ('x1', TIMESTAMP '2026-11-12 10:00:10+00', 'all', 'throughput', NULL, 9800.5, 'lines/s'),
  ('x1', TIMESTAMP '2026-11-12 10:00:20+00', 'all', 'throughput', NULL, 10100.5, 'lines/s'),
  ('x1', TIMESTAMP '2026-11-12 10:01:00+00', 'all', 'end_to_end_latency', 0.5, 40, 'ms'),
  ('x1', TIMESTAMP '2026-11-12 10:01:00+00', 'all', 'end_to_end_latency', 0.99, 400, 'ms'),
  ('x1', TIMESTAMP '2026-11-12 10:01:00+00', 'all', 'delivery_success', NULL, 1, 'ratio');
INSERT INTO consumer_lag (experiment_id, measured_at, shard, waiting_messages, oldest_ms) VALUES
  ('x1', TIMESTAMP '2026-11-12 10:00:10+00', 'logs-0', 3, 100),
  ('x1', TIMESTAMP '2026-11-12 10:00:20+00', 'logs-0', 12, 900);

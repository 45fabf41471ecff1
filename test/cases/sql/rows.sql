-- Rows for the tables of tables.sql (GoogleSQL): ties, NULLs, empty arrays, Unicode and times around midnight.
INSERT INTO logs.log_entries (ts, insert_id, service, severity, host, region, trace_id, status, latency_ms, message, tags, http, labels, attributes) VALUES
  (TIMESTAMP '2026-11-01 00:00:00+00', 'a1', 'auth', 'INFO', 'h1', 'eu', 't1', 200, 12.5, 'user=ada logged in after 12 ms', ['x', 'y'], STRUCT('GET', '/login', 200, 512), JSON '{"user":{"id":"u1"},"attempt":"1","n":1,"ok":true}', [STRUCT('k', 'v'), STRUCT('a', 'b')]),
  (TIMESTAMP '2026-11-01 00:00:09.999999+00', 'a2', 'auth', 'ERROR', 'h1', 'eu', 't1', 500, 3001.25, 'timeout talking to db deadbeef01 after 3001 ms', ['y'], STRUCT('POST', '/login', 500, 64), JSON '{"user":{"id":"u2"},"attempt":"2"}', []),
  (TIMESTAMP '2026-11-01 00:00:10+00', 'a3', 'auth', 'ERROR', 'h2', 'us', NULL, 503, NULL, 'Timeout', [], NULL, NULL, []),
  (TIMESTAMP '2026-11-01 10:15:30.123456+00', 'p1', 'payment', 'INFO', 'h3', 'us', 't2', 200, 45, 'user=bob paid 12 €', ['x'], STRUCT('POST', '/pay', 200, 2048), JSON '{"user":{"id":"u1"},"amount":12.5}', [STRUCT('k', 'w')]),
  (TIMESTAMP '2026-11-01 23:59:59.999999+00', 'p2', 'payment', 'WARNING', 'h3', 'us', 't3', 404, 7.75, 'card 4111111111111111 refused', ['z', 'x', 'x'], STRUCT('POST', '/pay', 404, NULL), JSON '{"user":null,"attempt":"three"}', []),
  (TIMESTAMP '2026-11-02 00:00:00+00', 'p3', 'payment', 'ERROR', 'h4', 'eu', 't3', 500, 950.5, 'request req=0042 failed', ['err'], STRUCT('POST', '/pay', 500, 128), JSON '{"user":{"id":"u3"},"items":[1,2,3]}', [STRUCT('k', NULL)]),
  (TIMESTAMP '2026-11-02 12:00:00+00', 'i1', 'inventory', 'INFO', 'h5', NULL, 't4', 200, 5, 'ok', ['x', 'y'], STRUCT('GET', '/items', 200, 10), JSON '{}', []),
  (TIMESTAMP '2026-11-02 12:00:00+00', 'i2', 'inventory', 'INFO', 'h5', NULL, 't4', 200, 5, 'ok', ['y'], STRUCT('GET', '/items', 200, 20), JSON '{"user":{"id":"u3"}}', []),
  (TIMESTAMP '2026-11-03 08:30:00+00', 'u1', 'user', 'DEBUG', NULL, 'eu', NULL, NULL, 0.5, 'größe=10 naïve café', [], NULL, JSON '{"user":{"id":"u4"}}', []),
  (TIMESTAMP '2026-11-03 08:31:00+00', 'u2', 'user', 'CRITICAL', 'h6', 'eu', 't5', 500, 12000, NULL, ['err', 'page'], STRUCT('GET', '/me', 500, 0), JSON '{"user":{"id":"u1"},"attempt":"9"}', [STRUCT('page', 'yes')]);
INSERT INTO logs.deployments VALUES
  ('auth', 'v1', TIMESTAMP '2026-10-31 23:00:00+00'), ('auth', 'v2', TIMESTAMP '2026-11-01 00:00:05+00'),
  ('payment', 'v7', TIMESTAMP '2026-11-01 10:00:00+00'), ('search', 'v1', TIMESTAMP '2026-11-01 00:00:00+00');
INSERT INTO logs.metrics VALUES
  (TIMESTAMP '2026-11-01 00:00:00+00', 'auth', 'cpu', 0.5), (TIMESTAMP '2026-11-01 00:02:00+00', 'auth', 'cpu', 0.75),
  (TIMESTAMP '2026-11-01 00:05:00+00', 'auth', 'cpu', NULL), (TIMESTAMP '2026-11-01 00:01:00+00', 'payment', 'cpu', 0.25),
  (TIMESTAMP '2026-11-01 00:03:00+00', 'payment', 'cpu', 1);
INSERT INTO logs.requests_20261101 VALUES (TIMESTAMP '2026-11-01 01:00:00+00', 'auth'), (TIMESTAMP '2026-11-01 02:00:00+00', 'payment');

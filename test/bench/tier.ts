/**
 * Tiering over the local BigQuery and Storage: stage, export, read back with checksums, manifest, delete.
 * `npx tsx test/bench/tier.ts [--rows 1000000]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { Storage } from '@google-cloud/storage';
import { manifestsIn } from '../../functions/archive/manifest.ts';
import { statementsOf } from '../../functions/archive/statements.ts';
import { tier } from '../../functions/archive/tier.ts';
import { startBigquery } from '../../local/bigquery/service.ts';
import { startStorage } from '../../local/storage/service.ts';
import { applySql } from '../../sql/apply.ts';

const ROWS = Number(process.argv[process.argv.indexOf('--rows') + 1]) || 1_000_000;
const DAY = "TIMESTAMP '2026-01-01 00:00:00+00'";

const dataDir = await mkdtemp(join(tmpdir(), 'tier-bench-'));
const storage = await startStorage({ port: 0, dataDir: join(dataDir, 'storage') });
const storageEndpoint = `http://127.0.0.1:${storage.port}`;
const bigquery = await startBigquery({
  ...{ port: 0, writePort: 0, projectId: 'p', storageEndpoint },
  dataDir: join(dataDir, 'bigquery'),
});
try {
  const client = new BigQuery({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${bigquery.port}` });
  const [bucket] = await new Storage({ projectId: 'p', apiEndpoint: storageEndpoint }).createBucket(
    'archive',
  );
  await applySql({ bigquery: client, dataset: 'logweir' });
  const statements = statementsOf(client, 'logweir');
  await statements.run(`
    INSERT INTO log_entries (insert_id, timestamp, timestamp_source, received_at, service, severity, severity_number,
      message, trace_id, user_id, labels, anomaly_score, anomaly_reasons, format)
    SELECT CONCAT(TO_HEX(MD5(CAST(DIV(i, 1000) AS STRING))), '-', CAST(MOD(i, 1000) AS STRING)),
      TIMESTAMP_ADD(${DAY}, INTERVAL i * 80 MICROSECOND), 'time', TIMESTAMP_ADD(${DAY}, INTERVAL i * 80 MICROSECOND),
      CONCAT('service-', CAST(MOD(i, 20) AS STRING)), 'INFO', 200,
      CONCAT('request ', CAST(i AS STRING), ' was answered by the upstream in zone ', CAST(MOD(i, 7) AS STRING)),
      TO_HEX(MD5(CAST(MOD(i, 50000) AS STRING))), CONCAT('u', CAST(MOD(i, 5000) AS STRING)),
      JSON '{"zone":"b","attempt":1}', 0, [], 'json'
    FROM UNNEST(GENERATE_ARRAY(0, ${ROWS - 1})) AS i`);
  let ids = 0;
  const startedMs = performance.now();
  const done = await tier(
    {
      ...{ statements, bucket, manifests: manifestsIn(bucket), clock: () => Date.UTC(2026, 5, 1) },
      connection: null,
      newId: () => (++ids).toString(16),
    },
    { tierAfterMs: 86_400_000, maxMs: Number.POSITIVE_INFINITY },
  );
  const ms = performance.now() - startedMs;
  if (done.rows !== ROWS) throw new Error(`${done.rows} of ${ROWS} rows moved`);
  console.log(
    `tier  ${Math.round((ROWS * 1000) / ms).toLocaleString('en-US')} rows/s (goal 200,000): ${ROWS.toLocaleString('en-US')} rows to ${done.files} files, ${(done.bytes / 2 ** 20).toFixed(1)} MiB, in ${(ms / 1000).toFixed(1)} s`,
  );
} finally {
  await bigquery.close();
  await storage.close();
  await rm(dataDir, { recursive: true, force: true });
}

/** The cold tier over the local BigQuery and Storage, through Google's clients. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { type Bucket, Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { coldDaysIn } from '../../../functions/archive/cold-days.ts';
import { type Manifests, manifestsIn } from '../../../functions/archive/manifest.ts';
import { connectionName, type Statements, statementsOf } from '../../../functions/archive/statements.ts';
import { ChecksumMismatch, type TierEffects, tier } from '../../../functions/archive/tier.ts';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import { type StorageService, startStorage } from '../../../local/storage/service.ts';
import { applySql } from '../../../sql/apply.ts';

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2026, 0, 1);
const DATASET = 'logweir';
const SETTINGS = { tierAfterMs: 30 * DAY_MS, maxMs: 600_000 };
const ROWS = 60;

let dataDir: string;
let storage: StorageService;
let bigquery: BigqueryService;
let client: BigQuery;
let bucket: Bucket;
let statements: Statements;
/** Each test has days of its own. */
let days = 0;
let nowMs: number;
let ids = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tier-'));
  storage = await startStorage({ port: 0, dataDir: join(dataDir, 'storage') });
  const storageEndpoint = `http://127.0.0.1:${storage.port}`;
  bigquery = await startBigquery({
    ...{ port: 0, writePort: 0, projectId: 'p', storageEndpoint },
    dataDir: join(dataDir, 'bigquery'),
  });
  client = new BigQuery({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${bigquery.port}` });
  [bucket] = await new Storage({ projectId: 'p', apiEndpoint: storageEndpoint }).createBucket('archive');
  await applySql({ bigquery: client, dataset: DATASET });
  statements = statementsOf(client, DATASET);
});

afterAll(async () => {
  await bigquery?.close();
  await storage?.close();
  await rm(dataDir, { recursive: true, force: true });
});

beforeEach(() => {
  nowMs = FIRST_MS + 300 * DAY_MS;
});

const dayOf = (n: number): string => new Date(FIRST_MS + n * DAY_MS).toISOString().slice(0, 10);

const effects = (changes: Partial<TierEffects> = {}): TierEffects => ({
  statements,
  bucket,
  manifests: manifestsIn(bucket),
  connection: null,
  clock: () => nowMs,
  newId: () => (++ids).toString(16),
  ...changes,
});

/** Rows of a new day, some of them twice, with everything in them that text can spoil. Gives the day. */
async function fillDay(rows = ROWS, day = dayOf(days++), prefix = 'b'): Promise<string> {
  const services = rows < 10 ? 1 : 5;
  await statements.run(`
    INSERT INTO log_entries (insert_id, timestamp, timestamp_source, received_at, service, severity,
      severity_number, message, latency_ms, user_id, labels, anomaly_score, anomaly_reasons, format)
    SELECT CONCAT('${prefix}-', '${day}-', CAST(i AS STRING)), TIMESTAMP_ADD(TIMESTAMP '${day}', INTERVAL i * 1440 SECOND),
      'time', TIMESTAMP_ADD(TIMESTAMP '${day}', INTERVAL copy HOUR), CONCAT('s', CAST(MOD(i, ${services}) AS STRING)), 'INFO', 200,
      CONCAT('é "quoted" \\n', CAST(i AS STRING)), IF(MOD(i, 2) = 0, i / 7, NULL), CONCAT('u', CAST(MOD(i, 3) AS STRING)),
      IF(MOD(i, 3) = 0, NULL, JSON '{"a":1.5,"n":12345678901234567890,"t":"x,y"}'), 0,
      IF(MOD(i, 4) = 0, ['severity', 'latency'], []), 'json'
    FROM UNNEST(GENERATE_ARRAY(0, ${rows - 1})) AS i, UNNEST(GENERATE_ARRAY(1, IF(MOD(i, 10) = 0, 2, 1))) AS copy`);
  return day;
}

const entriesOf = async (source: string, day: string) =>
  statements.run(`
    SELECT * EXCEPT (labels), TO_JSON_STRING(labels) AS labels
    FROM ${source}
    WHERE timestamp >= TIMESTAMP '${day}' AND timestamp < TIMESTAMP_ADD(TIMESTAMP '${day}', INTERVAL 1 DAY)
    ORDER BY insert_id`);

const hot = (day: string) => entriesOf('log_entries', day);
const cold = async (day: string): Promise<number> => {
  const rows = await statements.run(`SELECT COUNT(*) AS n FROM log_entries_cold WHERE day = DATE '${day}'`);
  return Number(rows[0]?.n);
};

describe('a day that is old enough', () => {
  it('moves to Parquet by service and leaves BigQuery; the view shows its entries as they were', async () => {
    const day = await fillDay();
    const before = await entriesOf('logs', day);
    expect(before).toHaveLength(ROWS);
    const done = await tier(effects(), SETTINGS);
    expect(done).toMatchObject({ days: 1, rows: ROWS, left: 0 });
    expect(await hot(day)).toHaveLength(0);
    expect(await entriesOf('logs', day)).toEqual(before);
    const between = `logs_between(TIMESTAMP '${day}', TIMESTAMP_ADD(TIMESTAMP '${day}', INTERVAL 1 DAY))`;
    expect(await entriesOf(between, day)).toEqual(before);
    const [files] = await bucket.getFiles({ prefix: `cold/log_entries/day=${day}/` });
    for (const { name } of files) expect(name).toMatch(/\/service_hash=[0-9a-f]\/[0-9a-f]+-0{12}\.parquet$/);
    expect(await coldDaysIn(bucket)).toContain(day);
  });

  it('stays in the views when the files of sql/ are applied again', async () => {
    const day = await fillDay();
    const before = await entriesOf('logs', day);
    await tier(effects(), SETTINGS);
    await applySql({ bigquery: client, dataset: DATASET });
    expect(await cold(day)).toBe(ROWS);
    expect(await entriesOf('logs', day)).toEqual(before);
  });

  it('that is not old enough stays', async () => {
    const day = await fillDay();
    nowMs = Date.parse(day) + 30.9 * DAY_MS;
    expect(await tier(effects(), SETTINGS)).toMatchObject({ days: 0 });
    expect((await hot(day)).length).toBeGreaterThan(0);
    nowMs = Date.parse(day) + 31 * DAY_MS;
    expect(await tier(effects(), SETTINGS)).toMatchObject({ days: 1, rows: ROWS });
  });

  it('that has moved and gets rows again has a further part', async () => {
    const day = await fillDay();
    await tier(effects(), SETTINGS);
    await fillDay(7, day, 'late');
    const before = await entriesOf('logs', day);
    expect(await tier(effects(), SETTINGS)).toMatchObject({ days: 1, rows: 7 });
    expect(await hot(day)).toHaveLength(0);
    expect(await entriesOf('logs', day)).toEqual(before);
    const { manifest } = await manifestsIn(bucket).read(day);
    expect(manifest.parts.map(({ rows }) => rows)).toEqual([ROWS, 7]);
    expect(await tier(effects(), SETTINGS)).toMatchObject({ days: 0 });
  });

  it('stays when its files do not hold what was staged, and moves when they do', async () => {
    const day = await fillDay();
    // A writer that loses one row of each file.
    const lossy: Statements = {
      ...statements,
      runOnce: (name, sql, again) => statements.runOnce(name, `${sql} LIMIT 3`, again),
    };
    await expect(tier(effects({ statements: lossy }), SETTINGS)).rejects.toThrow(ChecksumMismatch);
    expect((await hot(day)).length).toBeGreaterThan(ROWS);
    expect(await coldDaysIn(bucket)).not.toContain(day);
    const [files] = await bucket.getFiles({ prefix: `cold/log_entries/day=${day}/` });
    expect(files).toHaveLength(0);
    expect(await tier(effects(), SETTINGS)).toMatchObject({ days: 1, rows: ROWS });
  });
});

describe('the table of cold days', () => {
  const connectionOf = async (): Promise<string | undefined> => {
    const [metadata] = await client.dataset(DATASET).table('log_entries_cold').getMetadata();
    return metadata.externalDataConfiguration.connectionId;
  };

  it('reads its files by the connection that is named, from the next run on, also when no day is due', async () => {
    const day = await fillDay();
    const connection = 'my-project.europe-west1.logweir-cold';
    await tier(effects({ connection }), SETTINGS);
    expect([await connectionOf(), await cold(day)]).toEqual([connection, ROWS]);
    expect(await tier(effects(), SETTINGS)).toMatchObject({ days: 0 });
    expect([await connectionOf(), await cold(day)]).toEqual([undefined, ROWS]);
    expect(await tier(effects({ connection }), SETTINGS)).toMatchObject({ days: 0 });
    expect([await connectionOf(), await cold(day)]).toEqual([connection, ROWS]);
  });

  it('is left alone while it is as it should be, by whatever name BigQuery calls its connection', async () => {
    const done: string[] = [];
    const table = async () => ({
      ...(await statements.table('log_entries_cold'))!,
      connection: 'logweir-cold',
    });
    const watched: Statements = {
      ...statements,
      table,
      run: (sql, parameters) => {
        done.push(sql);
        return statements.run(sql, parameters);
      },
    };
    await fillDay(6);
    await tier(
      effects({ statements: watched, connection: 'my-project.europe-west1.logweir-cold' }),
      SETTINGS,
    );
    expect(done.filter((sql) => /EXTERNAL TABLE log_entries_cold\b/.test(sql))).toEqual([]);
    for (const id of ['1.europe-west1.cold', 'projects/1/locations/europe-west1/connections/cold'])
      expect(connectionName(id)).toBe('cold');
  });
});

class Crash extends Error {}

/** Effects of which the `last`-th is the last of its process: done, but not known to be. */
function mortal(last: number): { effects: TierEffects; count: () => number } {
  let count = 0;
  const dying = async <T>(work: () => Promise<T>): Promise<T> => {
    if (++count > last) throw new Crash();
    const result = await work();
    if (count === last) throw new Crash();
    return result;
  };
  const manifests = manifestsIn(bucket);
  const dyingManifests: Manifests = {
    read: (day) => dying(() => manifests.read(day)),
    write: (manifest, replaces) => dying(() => manifests.write(manifest, replaces)),
  };
  const dyingStatements: Statements = {
    table: (name) => dying(() => statements.table(name)),
    run: (sql) => dying(() => statements.run(sql)),
    runOnce: (name, sql, again) => dying(() => statements.runOnce(name, sql, again)),
  };
  return { effects: effects({ statements: dyingStatements, manifests: dyingManifests }), count: () => count };
}

describe('a run that dies after any of its effects', () => {
  it('loses and doubles nothing: the next one finishes', async () => {
    // The table of cold days is made or put right first: each run then has as many effects as the one that is counted.
    await fillDay(6);
    await tier(effects(), SETTINGS);
    const whole = mortal(Number.POSITIVE_INFINITY);
    await fillDay(6);
    await tier(whole.effects, SETTINGS);
    for (let last = 1; last <= whole.count(); last++) {
      const day = await fillDay(6);
      const before = await entriesOf('logs', day);
      await expect(tier(mortal(last).effects, SETTINGS), `dies after ${last}`).rejects.toThrow(Crash);
      expect(await entriesOf('logs', day), `after dying after ${last}`).toEqual(before);
      await tier(effects(), SETTINGS);
      expect(await entriesOf('logs', day), `finished after ${last}`).toEqual(before);
      expect([await hot(day), await cold(day)], `finished after ${last}`).toEqual([[], 6]);
    }
    expect(
      await statements.run(
        `SELECT table_name FROM INFORMATION_SCHEMA.TABLES WHERE STARTS_WITH(table_name, 'tier_')`,
      ),
    ).toEqual([]);
  });

  it('may run at the same time as another', async () => {
    const day = await fillDay(20);
    const before = await entriesOf('logs', day);
    await Promise.allSettled([tier(effects(), SETTINGS), tier(effects(), SETTINGS)]);
    await tier(effects(), SETTINGS);
    expect(await entriesOf('logs', day)).toEqual(before);
    expect([await hot(day), await cold(day)]).toEqual([[], 20]);
  });
});

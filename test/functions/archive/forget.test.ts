/** Deletion of a user's data and retention by service, over the local BigQuery and Storage, through Google's clients. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { type Bucket, Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ForgetEffects, findUser, forgetUser, wordPattern } from '../../../functions/archive/forget.ts';
import { forgottenIn, noteForgotten } from '../../../functions/archive/forgotten.ts';
import { manifestsIn } from '../../../functions/archive/manifest.ts';
import { expireServices, isExpired } from '../../../functions/archive/retention.ts';
import { type Statements, statementsOf } from '../../../functions/archive/statements.ts';
import { ChecksumMismatch, tier } from '../../../functions/archive/tier.ts';
import { openWarehouse, type Warehouse } from '../../../functions/warehouse/warehouse.ts';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import { type StorageService, startStorage } from '../../../local/storage/service.ts';
import { applySql } from '../../../sql/apply.ts';

const DAY_MS = 86_400_000;
const HOT_DAY = '2026-10-31';
const COLD_DAYS = ['2026-09-01', '2026-09-02'];
const NOW_MS = Date.parse('2026-11-01');
const SETTINGS = { tierAfterMs: 30 * DAY_MS, maxMs: 600_000 };

let dataDir: string;
let storage: StorageService;
let bigquery: BigqueryService;
let bucket: Bucket;
let client: BigQuery;
let warehouse: Warehouse;
let statements: Statements;
let count = 0;
let ids = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'forget-'));
  storage = await startStorage({ port: 0, dataDir: join(dataDir, 'storage') });
  const storageEndpoint = `http://127.0.0.1:${storage.port}`;
  bigquery = await startBigquery({
    ...{ port: 0, writePort: 0, projectId: 'p', storageEndpoint },
    dataDir: join(dataDir, 'bigquery'),
  });
  client = new BigQuery({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${bigquery.port}` });
});

afterAll(async () => {
  await bigquery?.close();
  await storage?.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** A dataset and a bucket of their own: two cold days and a hot one, 30 entries each, of users u0 to u4. */
async function world(): Promise<ForgetEffects> {
  const dataset = `logs_${++count}`;
  [bucket] = await new Storage({
    projectId: 'p',
    apiEndpoint: `http://127.0.0.1:${storage.port}`,
  }).createBucket(`archive-${count}`);
  await applySql({ bigquery: client, dataset });
  statements = statementsOf(client, dataset);
  const endpoint = { host: '127.0.0.1', port: bigquery.writePort };
  warehouse = openWarehouse({ projectId: 'p', datasetId: dataset, endpoint });
  for (const day of [...COLD_DAYS, HOT_DAY]) await fill(day);
  await statements.run(`
    INSERT INTO late_entries (insert_id, job, service, window_start, window_end, timestamp, received_at, reason)
    SELECT insert_id, 'j', service, timestamp, timestamp, timestamp, received_at, 'late'
    FROM log_entries WHERE timestamp >= TIMESTAMP '${HOT_DAY}' AND service = 's0'`);
  const effects: ForgetEffects = {
    ...{ statements, bucket, warehouse, manifests: manifestsIn(bucket), clock: () => NOW_MS },
    connection: null,
    newId: () => (++ids).toString(16).padStart(4, '0'),
    note: (userId, nowMs) => noteForgotten(bucket, userId, nowMs),
  };
  await tier(effects, SETTINGS);
  return effects;
}

const fill = (day: string) =>
  statements.run(`
    INSERT INTO log_entries (insert_id, timestamp, timestamp_source, received_at, service, severity,
      severity_number, message, user_id, labels, anomaly_score, anomaly_reasons, format)
    SELECT CONCAT('b-', '${day}-', CAST(i AS STRING)), TIMESTAMP_ADD(TIMESTAMP '${day}', INTERVAL i MINUTE), 'time',
      TIMESTAMP_ADD(TIMESTAMP '${day}', INTERVAL i MINUTE), CONCAT('s', CAST(MOD(i, 3) AS STRING)), 'INFO', 200,
      IF(i = 1, 'asked for u2 by name', CONCAT('entry ', CAST(i AS STRING))), CONCAT('u', CAST(MOD(i, 5) AS STRING)),
      JSON '{"a":1}', 0, [], 'json'
    FROM UNNEST(GENERATE_ARRAY(0, 29)) AS i`);

const entries = async (where = 'TRUE') =>
  (
    await statements.run(
      `SELECT insert_id FROM logs WHERE timestamp >= TIMESTAMP '2026-01-01' AND ${where} ORDER BY insert_id`,
    )
  ).map(({ insert_id }) => insert_id);

describe("a user's data", () => {
  it('goes from hot and cold, and nothing else goes; a second run finds nothing', async () => {
    const effects = await world();
    const others = await entries("user_id != 'u2'");
    const before = await findUser(effects, 'u2');
    expect(before).toMatchObject({ hot: 6, cold: 12, late: 2, mentions: 3 });
    const done = await forgetUser(effects, { userId: 'u2', mentions: false });
    expect(done.found).toEqual(before);
    expect(done.cold).toMatchObject({ rows: 12, days: 2 });
    expect(done.left).toMatchObject({ hot: 0, cold: 0, late: 0, mentions: 3, received: null });
    expect(await entries()).toEqual(others);
    const again = await forgetUser(effects, { userId: 'u2', mentions: false });
    expect(again.cold).toEqual({ rows: 0, filesReplaced: 0, days: 0 });
    expect(await entries()).toEqual(others);
    const { manifest } = await effects.manifests.read(COLD_DAYS[0]!);
    expect(manifest.parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(24);
    const [files] = await bucket.getFiles({ prefix: 'cold/' });
    for (const { name } of files) expect(name).not.toContain('removal');
    expect(
      await statements.run(
        `SELECT table_name FROM INFORMATION_SCHEMA.TABLES WHERE table_name LIKE 'removal%'`,
      ),
    ).toEqual([]);
    await warehouse.close();
  });

  it('goes with what names the user, when that is asked for', async () => {
    const effects = await world();
    await statements.run(`
      INSERT INTO dead_letters (insert_id, part, parts, received_at, stage, reason, detail, message_id, raw)
      SELECT CONCAT('d', CAST(i AS STRING)), 0, 1, CURRENT_TIMESTAMP(), 'parse', 'r', 'd', 'm',
        CAST(CONCAT('{"user": "u', CAST(i AS STRING), '"') AS BYTES)
      FROM UNNEST([1, 2, 22]) AS i`);
    const done = await forgetUser(effects, { userId: 'u2', mentions: true });
    expect(done.found).toMatchObject({ mentions: 3, deadLetters: 1 });
    expect(done.left).toMatchObject({ hot: 0, cold: 0, mentions: 0, deadLetters: 0 });
    expect(await entries()).toHaveLength(90 - 18 - 3);
    expect(await statements.run('SELECT insert_id FROM dead_letters ORDER BY insert_id')).toEqual([
      { insert_id: 'd1' },
      { insert_id: 'd22' },
    ]);
    await warehouse.close();
  });

  it('is no longer the example of a pattern', async () => {
    const effects = await world();
    const row = (id: string, example: string): string =>
      `('${id}', 'entry <*>', TRUE, TIMESTAMP '2026-10-31', TIMESTAMP '2026-10-31', 3, 200, '${example}', FALSE, FALSE, TIMESTAMP '2026-10-31', TIMESTAMP '2026-10-31')`;
    await statements.run(`
      INSERT INTO patterns (pattern_id, template, learned, first_seen, last_seen, entries, severity_number, example, is_new,
        is_rare, counted_until, updated_at)
      VALUES ${row('p1', 'entry 2')}, ${row('p2', 'entry 3')}, ${row('p3', 'entry u2')}`);
    const done = await forgetUser(effects, { userId: 'u2', mentions: false });
    expect(done.found.examples).toBe(2);
    expect(done.left.examples).toBe(0);
    const rows = await statements.run(
      'SELECT pattern_id, example, entries FROM patterns ORDER BY pattern_id',
    );
    expect(rows.map(({ example }) => example)).toEqual(['entry <*>', 'entry 3', 'entry <*>']);
    await warehouse.close();
  });

  it('goes except for the rows of the last minutes when BigQuery refuses these, and a later run takes them', async () => {
    const effects = await world();
    const buffered: Statements = {
      ...statements,
      run: (sql, parameters) =>
        sql.includes('DELETE FROM log_entries') && !sql.includes('@settled')
          ? Promise.reject(
              new Error('UPDATE or DELETE statement over table would affect rows in the streaming buffer'),
            )
          : statements.run(sql, parameters),
    };
    const clock = (): number => Date.parse(`${HOT_DAY}T01:42:30Z`);
    const done = await forgetUser(
      { ...effects, statements: buffered, clock },
      { userId: 'u2', mentions: false },
    );
    expect(done.refused).toBe(true);
    // Of minutes 2, 7, 12, … those that came an hour and a half before 01:42:30.
    expect(done.left).toMatchObject({ hot: 3, cold: 0 });
    expect((await forgetUser(effects, { userId: 'u2', mentions: false })).left.hot).toBe(0);
    await warehouse.close();
  });

  it('stays, whole, when new files do not hold what must stay', async () => {
    const effects = await world();
    const before = await entries(`DATE(timestamp) = DATE '${COLD_DAYS[0]}'`);
    const lossy: Statements = {
      ...statements,
      run: (sql, parameters) =>
        statements.run(sql.includes('EXPORT DATA') ? `${sql} LIMIT 2` : sql, parameters),
    };
    const forgetting = forgetUser({ ...effects, statements: lossy }, { userId: 'u2', mentions: false });
    await expect(forgetting).rejects.toThrow(ChecksumMismatch);
    expect(await entries(`DATE(timestamp) = DATE '${COLD_DAYS[0]}'`)).toEqual(before);
    expect((await forgetUser(effects, { userId: 'u2', mentions: false })).left).toMatchObject({
      hot: 0,
      cold: 0,
    });
    await warehouse.close();
  });

  it('is not brought back by a replay, and the list of who is forgotten does not name them', async () => {
    await world();
    await noteForgotten(bucket, 'secret-user', NOW_MS);
    const isForgotten = await forgottenIn(bucket);
    expect(isForgotten('secret-user', NOW_MS * 1000)).toBe(true);
    expect(isForgotten('secret-user', (NOW_MS + 1) * 1000)).toBe(false);
    expect(isForgotten('another', 0)).toBe(false);
    const [text] = await bucket.file('forgotten/users.json').download();
    expect(text.toString()).not.toContain('secret-user');
    await warehouse.close();
  });
});

describe('retention by service', () => {
  it('deletes old days of the services it names, hot and cold, and nothing else', async () => {
    const effects = await world();
    const rules = { s1: 60 * DAY_MS, 's*': 61 * DAY_MS };
    // 2026-09-01 is 61 days ago, 2026-09-02 is 60 days ago.
    const expired = await expireServices(effects, rules);
    expect(expired).toMatchObject({ hotRows: 0, rows: 10, days: 1 });
    expect(await entries("service = 's1'")).toHaveLength(20);
    expect(await entries()).toHaveLength(80);
    expect(await expireServices(effects, rules)).toMatchObject({ hotRows: 0, rows: 0 });
    const hot = await expireServices({ ...effects, clock: () => Date.parse('2026-11-03') }, { s2: DAY_MS });
    expect(hot.hotRows).toBe(10);
    expect(await entries("service = 's2'")).toHaveLength(0);
    await warehouse.close();
  });

  it('is decided by the first pattern that fits, for a replay as for tables', () => {
    const isPast = isExpired({ audit: 10 * DAY_MS, 'a*': DAY_MS }, NOW_MS);
    expect(isPast('audit', NOW_MS - 5 * DAY_MS)).toBe(false);
    expect(isPast('auth', NOW_MS - 5 * DAY_MS)).toBe(true);
    expect(isPast('auth', NOW_MS - DAY_MS)).toBe(false);
    expect(isPast('web', 0)).toBe(false);
  });
});

it('an id is looked for as a word, whatever signs it has', () => {
  const names = (id: string, text: string): boolean => new RegExp(wordPattern(id)).test(text);
  expect(names('u2', 'user u2, twice')).toBe(true);
  expect(names('u2', '{"user":"u2"}')).toBe(true);
  expect(names('u2', 'u22 or xu2 or u2-b')).toBe(false);
  expect(names('a.b+c@d', 'mail of a.b+c@d.')).toBe(true);
  expect(names('a.b', 'aXb')).toBe(false);
});

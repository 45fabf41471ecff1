import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadLetters, lateEntries, logEntries } from '../../../functions/warehouse/tables.ts';
import type { Warehouse } from '../../../functions/warehouse/warehouse.ts';
import { applySql } from '../../../sql/apply.ts';
import { DATASET, rowsOf, writerOf } from './client.ts';
import { entry, START_US } from './entries.ts';
import { useBigquery } from './fixture.ts';

const bigquery = useBigquery();
let writer: Warehouse;

beforeAll(async () => {
  writer = writerOf(bigquery.service);
  await applySql({ bigquery: bigquery.client, dataset: DATASET });
});

afterAll(() => writer.close());

const where = (id: string): string =>
  `SELECT * FROM log_entries WHERE STARTS_WITH(insert_id, '${id}-') AND timestamp >= '2000-01-01' ORDER BY insert_id`;

describe("the functions' own writer", () => {
  it('finds its log entries again by SQL, field by field, once append has resolved', async () => {
    const one = entry(1, {
      insert_id: 'whole-1',
      message: 'ünï "quoted" \n 日本語',
      labels: '{"a":[1,{"b":null}]}',
    });
    const two = entry(10, { insert_id: 'whole-2', latency_ms: null, user_id: null, severity: 800 });
    expect(await writer.append(logEntries, [one, two])).toEqual([]);
    const rows = await rowsOf(bigquery.client, where('whole'));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      insert_id: 'whole-1',
      service: one.service,
      severity: 'INFO',
      severity_number: 200,
      message: one.message,
      latency_ms: 1,
      anomaly_reasons: [],
      error_code: null,
    });
    expect(JSON.parse(String(rows[0]?.labels))).toEqual({ a: [1, { b: null }] });
    expect(rows[0]?.timestamp).toMatchObject({ value: '2026-11-20T10:00:00.001Z' });
    expect(rows[1]).toMatchObject({
      severity: 'EMERGENCY',
      latency_ms: null,
      user_id: null,
      anomaly_reasons: ['severity', 'http_status'],
    });
  });

  it('keeps bytes that are no text, and instants before 1970 and at the ends of time', async () => {
    const raw = Buffer.from([0, 255, 254, 10, 13, 0, 200, 201, 202, 203, 204, 205, 206, 207]);
    const letter = {
      insert_id: 'dead-1',
      part: 0,
      parts: 1,
      received_at: START_US,
      stage: 'ingest' as const,
      reason: 'truncated',
      detail: 'cut short',
      message_id: '7',
      attributes: '{}',
      raw,
    };
    expect(await writer.append(deadLetters, [letter])).toEqual([]);
    const [row] = await rowsOf(bigquery.client, "SELECT raw FROM dead_letters WHERE insert_id = 'dead-1'");
    expect(row?.raw).toEqual(raw);
    const late = {
      insert_id: 'late-1',
      job: 'j',
      service: 's',
      window_start: -62_135_596_800_000_000,
      window_end: 253_402_300_799_000_000,
      timestamp: -1,
      received_at: START_US,
      reason: 'late' as const,
    };
    expect(await writer.append(lateEntries, [late])).toEqual([]);
    const [times] = await rowsOf(
      bigquery.client,
      "SELECT CAST(window_start AS STRING) AS a, CAST(window_end AS STRING) AS b, UNIX_MICROS(timestamp) AS c FROM late_entries WHERE insert_id = 'late-1'",
    );
    expect(times).toEqual({ a: '0001-01-01 00:00:00+00', b: '9999-12-31 23:59:59+00', c: -1 });
  });

  it('is told which rows are refused, and writes the others of the batch', async () => {
    const rows = [
      entry(1, { insert_id: 'refused-1' }),
      entry(2, { insert_id: 'refused-2', labels: '{"cut' }),
      entry(3, { insert_id: 'refused-3', timestamp: 253_402_300_800_000_000 }),
      entry(4, { insert_id: 'refused-4' }),
    ];
    expect(await writer.append(logEntries, rows)).toEqual([1, 2]);
    const found = await rowsOf(bigquery.client, where('refused'));
    expect(found.map((row) => row.insert_id)).toEqual(['refused-1', 'refused-4']);
  });

  it('writes more rows than one request or one chunk holds, in many appends at once', async () => {
    const batches = Array.from({ length: 8 }, (_, b) =>
      Array.from({ length: 3_001 }, (_, i) => entry(i, { insert_id: `many-${b}-${i}` })),
    );
    await Promise.all(batches.map((rows) => writer.append(logEntries, rows)));
    const [count] = await rowsOf(
      bigquery.client,
      "SELECT COUNT(*) AS n, COUNT(DISTINCT insert_id) AS ids FROM log_entries WHERE STARTS_WITH(insert_id, 'many-') AND timestamp >= '2000-01-01'",
    );
    expect(count).toEqual({ n: 24_008, ids: 24_008 });
  });

  it('rejects an append to a table that is not there, and goes on with the next', async () => {
    const missing = { ...logEntries, name: 'nowhere' };
    await expect(writer.append(missing, [entry(1)])).rejects.toThrow(/Not found: Table p:logweir.nowhere/);
    expect(await writer.append(logEntries, [entry(1, { insert_id: 'after-1' })])).toEqual([]);
  });

  it('rejects an append whose columns the table does not have', async () => {
    const [first] = logEntries.columns;
    const wider = { ...logEntries, columns: [...logEntries.columns, { ...first!, name: 'colour' }] };
    await expect(writerOf(bigquery.service).append(wider, [entry(1)])).rejects.toThrow(
      /extra fields: 'colour'/,
    );
    const narrower = { ...logEntries, columns: logEntries.columns.slice(1) };
    await expect(writerOf(bigquery.service).append(narrower, [entry(1)])).rejects.toThrow(
      /required field insert_id is missing/,
    );
  });
});

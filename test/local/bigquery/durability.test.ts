import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logEntries } from '../../../functions/warehouse/tables.ts';
import { errorWindows } from '../../../functions/warehouse/window-tables.ts';
import { applySql } from '../../../sql/apply.ts';
import { clientOf, DATASET, rowsOf, writerOf } from './client.ts';
import { entry, START_US } from './entries.ts';
import { startWarehouseProcess, type WarehouseProcess } from './warehouse-process.ts';

let dataDir: string;
let service: WarehouseProcess | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'logweir-bigquery-'));
});

afterEach(async () => {
  await service?.end('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

const start = async (options: object = {}): Promise<WarehouseProcess> => {
  service = await startWarehouseProcess({ dataDir, ...options });
  return service;
};

const windowRow = (i: number, revision: number) => ({
  job: 'error_counts',
  key: `service-${i}`,
  start: START_US / 1000,
  end: START_US / 1000 + 10_000,
  revision,
  tombstone: false,
  incomplete: false,
  parts: revision,
  emittedAtMs: START_US / 1000,
  value: { warnings: 0, errors: revision, criticals: 0 },
});

describe('the service as a process', () => {
  it('says where it listens, ends with code 0 on SIGTERM, and starts again with what it held', async () => {
    const first = await start();
    await applySql({ bigquery: clientOf(first), dataset: DATASET });
    const writer = writerOf(first);
    await writer.append(logEntries, [entry(1)]);
    await writer.close();
    expect(await first.end('SIGTERM')).toBe(0);
    const second = await start();
    const rows = await rowsOf(clientOf(second), "SELECT insert_id FROM logs WHERE timestamp > '2000-01-01'");
    expect(rows).toHaveLength(1);
  });

  it('refuses options that it does not know, by name', async () => {
    await expect(start({ prot: 1 })).rejects.toThrow(/ended before it listened/);
  });

  it('refuses a folder that another process has open, and says so', async () => {
    await start();
    const words: string[] = [];
    await expect(
      startWarehouseProcess({ dataDir }, { onError: (line) => words.push(line) }),
    ).rejects.toThrow();
    expect(words.join('\n')).toMatch(/bigquery\.duckdb.*lock/is);
  });

  it('says that the disk is full, and has all that it acknowledged when there is room again', async () => {
    // No file may grow beyond this: the same to the service as a full disk.
    const first = await startWarehouseProcess({ dataDir }, { fileLimitKib: 6_000, onError: () => undefined });
    service = first;
    await applySql({ bigquery: clientOf(first), dataset: DATASET });
    const writer = writerOf(first, 5_000);
    let acknowledged = 0;
    const failure = await (async (): Promise<unknown> => {
      for (;;) {
        const rows = Array.from({ length: 500 }, (_, i) => entry(i, { insert_id: `f${acknowledged}-${i}` }));
        try {
          await writer.append(logEntries, rows);
          acknowledged += rows.length;
        } catch (error) {
          return error;
        }
      }
    })();
    expect(String(failure)).toMatch(/The local warehouse cannot go on: .*(?:could not write|too large)/i);
    await writer.close();
    await first.end('SIGKILL');
    const client = clientOf(await start());
    const [count] = await rowsOf(
      client,
      "SELECT COUNT(*) AS n, COUNT(DISTINCT insert_id) AS ids FROM log_entries WHERE timestamp > '2000-01-01'",
    );
    expect(acknowledged).toBeGreaterThan(0);
    expect(count?.n).toBe(count?.ids);
    expect(Number(count?.n)).toBeGreaterThanOrEqual(acknowledged);
  }, 60_000);

  it('has every row that it acknowledged, once, after SIGKILL in the middle of appends', async () => {
    // A small log, so that checkpoints run beside the appends and the kill may hit one.
    const walBytes = 256 * 1024;
    const first = await start({ walBytes });
    await applySql({ bigquery: clientOf(first), dataset: DATASET });
    const writer = writerOf(first, 1_000);
    const acknowledged: string[] = [];
    const revisions = new Map<number, number>();
    let batches = 0;
    let killed: Promise<unknown> | undefined;
    const send = async (): Promise<void> => {
      while (killed === undefined) {
        const batch = batches++;
        const rows = Array.from({ length: 100 }, (_, i) => entry(i, { insert_id: `b${batch}-${i}` }));
        const windows = [0, 1, 2].map((i) => windowRow(i, batch + 1));
        try {
          await writer.append(logEntries, rows);
          acknowledged.push(...rows.map((row) => row.insert_id));
          await writer.append(errorWindows, windows);
          for (const i of [0, 1, 2]) revisions.set(i, Math.max(revisions.get(i) ?? 0, batch + 1));
        } catch {
          // Of the kill, or of an append that took too long on a busy machine; it was not acknowledged.
          continue;
        }
        if (acknowledged.length >= 6_000) killed ??= first.end('SIGKILL');
      }
    };
    await Promise.all([send(), send(), send(), send()]);
    await killed;
    await writer.close();
    expect(acknowledged.length).toBeGreaterThanOrEqual(6_000);

    const client = clientOf(await start({ walBytes }));
    const rows = await rowsOf(client, "SELECT insert_id FROM log_entries WHERE timestamp > '2000-01-01'");
    const there = rows.map((row) => String(row.insert_id));
    expect(new Set(there).size).toBe(there.length);
    const kept = new Set(there);
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    // A batch is there whole or not at all, acknowledged or not.
    expect(there.length % 100).toBe(0);
    const windows = await rowsOf(
      client,
      "SELECT service, revision FROM error_counts WHERE window_start > '2000-01-01' ORDER BY service",
    );
    expect(windows.map(({ service: name }) => name)).toEqual(['service-0', 'service-1', 'service-2']);
    windows.forEach(({ revision }, i) => {
      expect(revision).toBeGreaterThanOrEqual(revisions.get(i) ?? 0);
    });
  }, 60_000);
});

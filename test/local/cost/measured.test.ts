/** What the bill assumes of bytes is what the generator's logs have, through the code that a deployment runs. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../functions/config.ts';
import { isFailure } from '../../../functions/ingest/failure.ts';
import { stageRows } from '../../../functions/load/staged-rows.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { createParser } from '../../../functions/parse/parse-record.ts';
import { logEntries } from '../../../functions/warehouse/tables.ts';
import { encode } from '../../../functions/warehouse/warehouse.ts';
import { batchesPerFile, DEFAULT_LOAD } from '../../../local/cost/bill.ts';
import { createGenerator } from '../../../local/generator/generator.ts';
import { logEntry } from '../../log-entry.ts';
import { random } from '../../random.ts';

const START_MS = Date.UTC(2026, 10, 20, 10);
const { linesPerBatch } = DEFAULT_LOAD;
const generator = createGenerator({ seed: 1, rate: 20_000, startMs: START_MS, rhythm: 0, services: 50 });
const lines = generator.next(START_MS, START_MS + 1500).map(({ line }) => line);
const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

function entries(): LogEntry[] {
  const parse = createParser(loadConfig({ LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'https://close' }));
  return lines.flatMap((line, i) => {
    const batch = Math.floor(i / linesPerBatch);
    const entry = parse(line, {
      batchId: createHash('sha256').update(String(batch)).digest('hex'),
      index: i % linesPerBatch,
      receivedAtUs: START_MS * 1000 + batch * 1e6,
      ...{ attributes: {}, latin1: false },
    });
    return isFailure(entry) ? [] : [entry];
  });
}

/** Within a tenth, or as much as is said. */
const isAbout = (measured: number, assumed: number, by = 0.1): void => {
  expect(measured / assumed).toBeGreaterThan(1 - by);
  expect(measured / assumed).toBeLessThan(1 + by);
};

/** Files of batches that come at random at a rate, over a time that passes at once. */
async function batchesOfFile(perSecond: number, waitMs: number): Promise<number> {
  const next = random(1);
  const due: { readonly atMs: number; readonly go: () => void }[] = [];
  const after = (ms: number): Promise<void> =>
    new Promise((resolve) => due.push({ atMs: nowMs + ms, go: resolve }));
  let nowMs = START_MS;
  let files = 0;
  const put = async (): Promise<void> => {
    files++;
    await after(80);
  };
  const newId = (): string => files.toString(16).padStart(32, '0');
  const staged = stageRows(
    logEntries,
    { put, clock: () => nowMs, pause: after, newId },
    { stagingWaitMs: waitMs, maxBytes: 16e6 },
  );
  const batches = 600;
  let atMs = nowMs;
  for (let i = 0; i < batches; i++) {
    atMs -= (Math.log(1 - next()) / perSecond) * 1000;
    due.push({ atMs, go: () => void staged.write([logEntry()]) });
  }
  while (due.length > 0) {
    due.sort((a, b) => b.atMs - a.atMs);
    const { atMs: then, go } = due.pop()!;
    nowMs = Math.max(nowMs, then);
    go();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return batches / files;
}

describe('the files of the bill', () => {
  it.each([17.3, 1, 40])('hold as many batches as come to an instance, at %d a second', async (perSecond) => {
    const linesPerMonth = perSecond * linesPerBatch * (365 / 12) * 86_400;
    const gbPerDay = (linesPerMonth * DEFAULT_LOAD.bytesPerLine) / (365 / 12) / 1e9;
    const load = { ...DEFAULT_LOAD, gbPerDay, linesPerVcpuSecond: 1e9 };
    isAbout(await batchesOfFile(perSecond, DEFAULT_LOAD.stagingSeconds * 1000), batchesPerFile(load), 0.15);
  });
});

describe('the bytes of the bill', () => {
  it('are those of a line, and of a batch as Fluentd compresses it', () => {
    isAbout(bytes / lines.length, DEFAULT_LOAD.bytesPerLine);
    let compressed = 0;
    for (let i = 0; i < lines.length; i += linesPerBatch)
      compressed += deflateSync(Buffer.from(lines.slice(i, i + linesPerBatch).join('\n'))).length;
    isAbout(bytes / compressed, DEFAULT_LOAD.compression);
  });

  it('are those of the rows that are written, and of the Parquet that they become', async () => {
    const rows = entries();
    let written = 0;
    for (const chunk of encode(logEntries, rows)) for (const row of chunk.rows) written += row.length;
    isAbout(written / bytes, DEFAULT_LOAD.rowBytes);
    const folder = await mkdtemp(join(tmpdir(), 'logweir-cost-'));
    try {
      const [json, parquet] = [join(folder, 'rows.json'), join(folder, 'rows.parquet')];
      await writeFile(json, rows.map((row) => JSON.stringify(row)).join('\n'));
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      await connection.run(
        `COPY (FROM read_json('${json}') ORDER BY service, severity, timestamp) TO '${parquet}' (FORMAT parquet, COMPRESSION zstd)`,
      );
      connection.closeSync();
      // Of 200,000 rows it is 7.2; so few as these are more alike.
      isAbout(written / (await stat(parquet)).size, DEFAULT_LOAD.columnCompression, 0.2);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

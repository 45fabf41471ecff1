import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { PubsubMessage } from '../../functions/ingest/message.ts';
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import type { ParseRecord } from '../../functions/parse/record-context.ts';
import { type LogJob, parseBatch } from '../../functions/parse-batch.ts';
import { tumbling } from '../../functions/stream/assigner.ts';
import { stream } from '../../functions/stream/job.ts';
import { deadLetters, lateEntries, logEntries } from '../../functions/warehouse/tables.ts';
import type { Timer } from '../../functions/window/window-id.ts';
import { logEntry } from '../log-entry.ts';
import { MemoryWarehouse } from './memory-warehouse.ts';
import { MemoryStore } from './window/memory-store.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 10);
const SETTINGS = {
  maxUnpackedBytes: 1024 * 1024,
  maxRecordBytes: 1024,
  outOfOrdernessMs: 5000,
  tickMs: 10_000,
  timerMarginMs: 2000,
  maxFutureMs: 86_400_000,
};

const counts = stream<LogEntry>('counts')
  .timestampBy((entry) => entry.timestamp / 1000)
  .keyBy((entry) => entry.service)
  .window(tumbling(10_000))
  .allowedLateness(60_000)
  .aggregate<number, number>({
    create: () => 0,
    add: (acc) => acc + 1,
    merge: (a, b) => a + b,
    result: (acc) => acc,
    encode: (acc) => acc,
    decode: (encoded) => Number(encoded),
  }) as LogJob;

/** The smallest parser: a line is `seconds-ago text`; a line of "!" is refused. */
const parse: ParseRecord = (text, context) => {
  if (text.startsWith('!')) return { reason: 'refused_by_test', detail: 'a line that starts with "!"' };
  const ago = Number(/^(\d+) /.exec(text)?.[1] ?? 0);
  return logEntry({
    insert_id: `${context.batchId}-${context.index}`,
    timestamp: (NOW_MS - ago * 1000) * 1000,
    received_at: context.receivedAtUs,
    service: context.attributes.service ?? 'unknown',
    message: text,
  });
};

let warehouse: MemoryWarehouse;
let store: MemoryStore;
let asked: number[];
let nowMs: number;

beforeEach(() => {
  warehouse = new MemoryWarehouse();
  store = new MemoryStore();
  asked = [];
  nowMs = NOW_MS;
});

const process = (
  data: Buffer | string,
  attributes: Record<string, string> = {},
  messageId = '1',
  parser = parse,
) => {
  const message: PubsubMessage = {
    data: Buffer.from(data as string),
    attributes,
    messageId,
    publishTimeUs: NOW_MS * 1000,
  };
  const timers = {
    asked: () => false,
    ask: async (group: readonly Timer[]) => void asked.push(...group.map(({ slotMs }) => slotMs)),
  };
  return parseBatch(message, parser, [counts], { warehouse, store, timers, clock: () => nowMs }, SETTINGS);
};

describe('a message', () => {
  it('ends as rows and dead letters, together as many as it has records, whatever the bytes', async () => {
    const line = fc.oneof(fc.string({ maxLength: 20 }), fc.constant('!bad'), fc.constant('x'.repeat(2000)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 10 }),
        fc.constantFrom('plain', 'gzip', 'zlib'),
        async (lines, how) => {
          warehouse = new MemoryWarehouse();
          const text = Buffer.from(lines.join('\n'));
          const data = how === 'gzip' ? gzipSync(text) : how === 'zlib' ? deflateSync(text) : text;
          const summary = await process(data);
          const dead = warehouse.rows(deadLetters).filter((row) => row.part === 0).length;
          expect(warehouse.rows(logEntries).length + dead).toBe(summary.records);
          expect(summary.deadLetters).toBe(dead);
        },
      ),
    );
  });

  it('that cannot be unpacked is a dead letter with its bytes, and the function stays up', async () => {
    const data = deflateSync('a\nb\n').subarray(0, 8);
    await process(data, { compression_algorithm: 'zlib' });
    const [letter] = warehouse.rows(deadLetters);
    expect(letter).toMatchObject({ stage: 'ingest', reason: 'truncated', message_id: '1' });
    expect(Buffer.from(letter!.raw)).toEqual(data);
  });

  it('of 9 MB that cannot be unpacked goes whole into several parts', async () => {
    const data = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(9 * 1024 * 1024, 7)]);
    await process(data);
    const letters = warehouse.rows(deadLetters);
    expect(letters.map((letter) => [letter.part, letter.parts])).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
    expect(Buffer.concat(letters.map((letter) => letter.raw)).equals(data)).toBe(true);
  });

  it('with a record that is refused keeps the other records, and the bytes of the refused one', async () => {
    await process(Buffer.from([0x61, 0x0a, 0x21, 0xfc, 0x0a, 0x62]));
    expect(warehouse.rows(logEntries).map((entry) => entry.message)).toEqual(['a', 'b']);
    expect(Buffer.from(warehouse.rows(deadLetters)[0]!.raw)).toEqual(Buffer.from([0x21, 0xfc]));
  });

  it('says how many of its values were redacted, by rule, and how many entries had no time of their own', async () => {
    const parser = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 });
    const lines =
      '2026-11-20T09:59:59Z mail to a@example.com and b@example.com\npassword=x for c@example.com';
    const counts = { untimed: 1, redacted: { email: 3, secret: 1 } };
    expect(await process(lines, {}, '1', parser)).toMatchObject(counts);
    expect((await process(lines, {}, '2', parser)).redacted).toEqual(counts.redacted);
    expect(await process('2026-11-20T09:59:59Z x', {}, '3', parser)).toMatchObject({
      untimed: 0,
      redacted: {},
    });
  });

  it('with a row that BigQuery refuses puts that record into the dead letters and not into a window', async () => {
    warehouse.refuses = (table, row) => table === 'log_entries' && (row as LogEntry).message === 'b';
    const summary = await process('a\nb\nc');
    expect(summary).toMatchObject({ records: 3, entries: 2, deadLetters: 1 });
    expect(warehouse.rows(deadLetters)[0]).toMatchObject({ stage: 'warehouse', reason: 'refused' });
    const window = { job: 'counts', window: { start: NOW_MS, end: NOW_MS + 10_000 } };
    expect((await store.partsOf([window]))[0]!.map((part) => part.data)).toEqual(['[["unknown",2]]']);
  });

  it('delivered again adds no partial, and asks for the timer again', async () => {
    await process('a\nb');
    const again = await process('a\nb', {}, '2');
    expect(again).toMatchObject({ windows: 1, duplicates: 1 });
    expect(asked).toEqual([NOW_MS + 15_000, NOW_MS + 15_000]);
  });
});

describe('entries that are staged for a load job', () => {
  const message = (): PubsubMessage => ({
    ...{ data: Buffer.from('1 a\n!bad\n2 b'), attributes: {}, messageId: '1', publishTimeUs: NOW_MS * 1000 },
  });
  const timers = { asked: () => false, ask: async () => undefined };
  const run = (write: (rows: readonly LogEntry[]) => Promise<void>) =>
    parseBatch(
      message(),
      parse,
      [counts],
      { warehouse, store, timers, clock: () => nowMs, staged: { write } },
      SETTINGS,
    );

  it('are in the file and not in the stream, and their windows do not wait for it', async () => {
    const staged: LogEntry[] = [];
    let finish: () => void = () => undefined;
    const contribute = store.contribute.bind(store);
    const counted = new Promise<void>((resolve) => {
      vi.spyOn(store, 'contribute').mockImplementation((...args) => {
        resolve();
        return contribute(...args);
      });
    });
    const running = run((rows) => {
      staged.push(...rows);
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    await counted;
    let isDone = false;
    void running.then(() => {
      isDone = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    finish();
    expect(await running).toMatchObject({ records: 3, entries: 2, deadLetters: 1 });
    expect(staged.map((entry) => entry.message)).toEqual(['1 a', '2 b']);
    expect(warehouse.rows(logEntries)).toEqual([]);
    expect(warehouse.rows(deadLetters)).toHaveLength(1);
  });

  it('that cannot be staged fail the message, which comes again', async () => {
    await expect(run(() => Promise.reject(new Error('storage is away')))).rejects.toThrow('storage is away');
  });

  it('whose windows cannot be counted fail the message, whatever becomes of the file', async () => {
    vi.spyOn(store, 'contribute').mockRejectedValue(new Error('state is away'));
    await expect(run(() => Promise.reject(new Error('storage is away')))).rejects.toThrow('state is away');
  });
});

describe('data out of time', () => {
  it('beyond the allowed lateness stands in late_entries, and stays there when it is delivered again', async () => {
    for (const messageId of ['1', '2']) {
      const summary = await process('100 old\n0 new', { service: 'auth' }, messageId);
      expect(summary).toMatchObject({ entries: 2, lateEntries: 1, windows: 1 });
    }
    const late = warehouse.rows(lateEntries);
    expect(late.map((row) => [row.service, row.reason])).toEqual([
      ['auth', 'late'],
      ['auth', 'late'],
    ]);
    expect(new Set(late.map((row) => row.insert_id)).size).toBe(1);
  });

  it('is not late when the same batch was counted in time before', async () => {
    await process('0 a\n0 b');
    nowMs += 3_600_000;
    const again = await process('0 a\n0 b', {}, '2');
    expect(again).toMatchObject({ lateEntries: 0, duplicates: 1 });
  });

  it('within the lateness makes the window fire again at the next tick', async () => {
    await process('30 behind');
    expect(asked).toEqual([NOW_MS + 10_000]);
  });

  it('that claims to come from years ahead opens no window, and stands in late_entries', async () => {
    nowMs = NOW_MS - 90_000_000;
    const summary = await process('0 ahead');
    expect(summary).toMatchObject({ entries: 1, lateEntries: 1, windows: 0 });
    expect(warehouse.rows(lateEntries).map((row) => row.reason)).toEqual(['future']);
    expect(asked).toEqual([]);
    nowMs = NOW_MS;
    expect(await process('0 ahead')).toMatchObject({ lateEntries: 1, windows: 0 });
  });

  it('of a backfill is counted, unless the window is sealed', async () => {
    const backfill = { 'logweir-backfill': 'true' };
    expect(await process('9000 old', backfill, '1')).toMatchObject({ lateEntries: 0, windows: 1 });
    const start = NOW_MS - 9_000_000;
    const of = { job: 'counts', window: { start, end: start + 10_000 } };
    await store.commit([{ of, previous: null, next: { rows: [], sealAtMs: NOW_MS } }]);
    await process('9000 older', backfill, '2');
    expect(warehouse.rows(lateEntries).map((row) => row.reason)).toEqual(['sealed']);
  });
});

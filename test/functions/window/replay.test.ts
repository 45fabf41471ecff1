import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LogPipeline, pipelines } from '../../../functions/job.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import type { Severity } from '../../../functions/parse/severity.ts';
import { WindowOperator } from '../../../functions/stream/operator.ts';
import { END_OF_TIME, type TimeWindow } from '../../../functions/stream/window.ts';
import { ProtoWriter } from '../../../functions/warehouse/proto-writer.ts';
import { writeRow } from '../../../functions/warehouse/table.ts';
import { contribute } from '../../../functions/window/contribute.ts';
import { fire } from '../../../functions/window/fire.ts';
import type { Timer } from '../../../functions/window/window-id.ts';
import { MemoryStore } from './memory-store.ts';
import { entry } from './world.ts';

const START_MS = Date.UTC(2026, 10, 20, 10);
const SLOTS = { outOfOrdernessMs: 5000, tickMs: 10_000, timerMarginMs: 2000, maxFutureMs: 86_400_000 };

const jobs = pipelines({
  jobs: ['service_health', 'error_counts'],
  windowSizeMs: 10_000,
  allowedLatenessMs: 3_600_000,
});

const anyEntry = fc
  .record({
    service: fc.constantFrom('auth', 'user', 'naïve "service"'),
    timeMs: fc.integer({ min: START_MS, max: START_MS + 35_000 }),
    severity: fc.constantFrom<Severity>(0, 200, 400, 500, 600),
    http_status: fc.option(fc.integer({ min: 100, max: 599 })),
    latency_ms: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true })),
    user_id: fc.option(fc.string({ maxLength: 3 })),
    pattern_id: fc.option(fc.constantFrom('p1', 'p2', 'p3')),
    anomaly_score: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ timeMs, service, ...fields }): LogEntry => ({ ...entry('', service, timeMs), ...fields }));

/** The bytes of a row as BigQuery receives it, whatever the revision, the parts and the time it was made. */
function bytesOf(
  { job, table }: LogPipeline,
  key: string,
  { start, end }: TimeWindow,
  value: unknown,
): string {
  const writer = new ProtoWriter();
  const made = { revision: 1, tombstone: false, incomplete: false, parts: 1, emittedAtMs: 0 };
  writeRow(writer, table, { job: job.name, key, start, end, ...made, value });
  return writer.slice(0).toString('hex');
}

async function live(
  pipeline: LogPipeline,
  batches: readonly (readonly LogEntry[])[],
): Promise<Map<string, string>> {
  const store = new MemoryStore();
  const timers = new Map<string, Timer>();
  const effects = {
    store,
    timers: {
      asked: () => false,
      ask: async (group: readonly Timer[]) => {
        for (const timer of group) timers.set(String(timer.of.window.start), timer);
      },
    },
    clock: () => START_MS + 40_000,
  };
  for (const [i, elements] of batches.entries())
    await contribute(pipeline.job, { id: `batch-${i}`, backfill: false, elements }, effects, SLOTS);
  const rows = new Map<string, string>();
  for (const timer of timers.values()) {
    await fire(
      pipeline.job,
      [timer],
      {
        store,
        emit: async (results) => {
          for (const { key, window, value } of results)
            rows.set(`${key} ${window.start}`, bytesOf(pipeline, key, window, value));
        },
        corrupt: () => Promise.reject(new Error('a partial is corrupt')),
      },
      { nowMs: timer.slotMs, retentionMs: 86_400_000, outOfOrdernessMs: SLOTS.outOfOrdernessMs },
    );
  }
  return rows;
}

function replayed(pipeline: LogPipeline, entries: readonly LogEntry[]): Map<string, string> {
  const rows = new Map<string, string>();
  const operator = new WindowOperator(pipeline.job, {
    emit: ({ key, window, value }) =>
      rows.set(`${key} ${window.start}`, bytesOf(pipeline, key, window, value)),
  });
  for (const one of entries) operator.process(one);
  operator.advanceTo(END_OF_TIME);
  return rows;
}

describe('a replay of entries in memory', () => {
  it.each(jobs.map((pipeline) => [pipeline.job.name, pipeline] as const))(
    'makes the rows of %s that the live path wrote, byte by byte, in whatever order and batches they came',
    async (_name, pipeline) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(anyEntry, { maxLength: 15 }), { minLength: 1, maxLength: 8 }),
          async (batches) => {
            const archived = batches.flat().toReversed();
            expect(await live(pipeline, batches)).toEqual(replayed(pipeline, archived));
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { answerTimer, type CloseContext } from '../../../functions/close-function.ts';
import { createDetector, type Detector } from '../../../functions/detect/detector.ts';
import type { ModelClient } from '../../../functions/detect/model-client.ts';
import type { VerdictMessage } from '../../../functions/detect/verdict.ts';
import { pipelines } from '../../../functions/job.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { predictions } from '../../../functions/warehouse/prediction-table.ts';
import { serviceWindows, type WindowRow } from '../../../functions/warehouse/window-tables.ts';
import { contribute } from '../../../functions/window/contribute.ts';
import { MemoryWarehouse } from '../memory-warehouse.ts';
import { MemoryStore } from '../window/memory-store.ts';
import { SETTINGS, SIZE_MS, START_MS } from './entries.ts';
import { MemoryDetectStore } from './memory-detect-store.ts';

const SLOTS = { outOfOrdernessMs: 5000, tickMs: 10_000, timerMarginMs: 2000, maxFutureMs: 86_400_000 };
const jobs = pipelines({ jobs: ['service_health'], windowSizeMs: SIZE_MS, allowedLatenessMs: 3_600_000 });

const models: ModelClient = {
  windows: async (instances) => ({
    version: 'v7',
    answers: instances.map(() => ({
      ...{ failure: 0.02, failing: false, anomaly: 0.4, anomalous: false, reasons: [] },
      thresholds: { failure: 0.87, anomaly: 0.53 },
    })),
  }),
  messages: async (instances) => ({
    version: 'v7',
    answers: instances.map(() => ({ category: 'timeout', confidence: 0.9 })),
  }),
};

let store: MemoryStore;
let warehouse: MemoryWarehouse;
let published: VerdictMessage[];
let publish: () => Promise<void>;
let detector: Detector;
let nowMs: number;
let batches = 0;

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  store = new MemoryStore();
  warehouse = new MemoryWarehouse();
  published = [];
  publish = async () => {};
  nowMs = START_MS;
  detector = createDetector({
    job: 'service_health',
    store: new MemoryDetectStore(),
    models,
    settings: SETTINGS,
  });
});

const context = (): CloseContext => ({
  store,
  warehouse,
  pipelines: jobs,
  retentionMs: 86_400_000,
  outOfOrdernessMs: 5000,
  clock: () => nowMs,
  detection: {
    job: 'service_health',
    detector,
    publish: async (messages) => {
      await publish();
      published.push(...messages);
    },
  },
});

interface Batch {
  readonly errors?: number;
  readonly backfill?: boolean;
}

/** A batch of 40 entries of auth in the window `index`. */
async function arrive(index: number, { errors = 1, backfill = false }: Batch = {}): Promise<void> {
  const elements = Array.from({ length: 40 }, (_, i) => ({
    insert_id: `b${batches}-${i}`,
    service: 'auth',
    timestamp: (START_MS + index * SIZE_MS + i) * 1000,
    severity: i < errors ? 500 : 200,
    message: i < errors ? 'upstream timed out' : 'done',
    pattern_id: i < errors ? 'p-error' : 'p-done',
    http_status: null,
    latency_ms: 50,
    trace_id: null,
    user_id: null,
    anomaly_score: i < errors ? 60 : 0,
  })) as unknown as LogEntry[];
  nowMs = Math.max(nowMs, START_MS + (index + 1) * SIZE_MS);
  const effects = { store, timers: { asked: () => false, ask: async () => {} }, clock: () => nowMs };
  await contribute(jobs[0]!.job, { id: `b${batches++}`, backfill, elements }, effects, SLOTS);
}

function timer(index: number) {
  const start = START_MS + index * SIZE_MS;
  nowMs = Math.max(nowMs, start + SIZE_MS + 5000);
  const body = { job: 'service_health', slot: start + SIZE_MS, windows: [{ start, end: start + SIZE_MS }] };
  return answerTimer(body, context());
}

const usually = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) {
    await arrive(i);
    await timer(i);
  }
};

const rowsOf = (index: number): readonly WindowRow<unknown>[] =>
  warehouse.rows(serviceWindows).filter(({ start }) => start === START_MS + index * SIZE_MS);

const column = (row: WindowRow<unknown>, name: string): unknown =>
  serviceWindows.columns.find((one) => one.name === name)!.get(row as never);

describe('a window that closes', () => {
  it('has its verdict in its row, in predictions, and on the topic', async () => {
    await usually(20);
    await arrive(20, { errors: 20 });
    expect(await timer(20)).toMatchObject({ status: 200, body: { rows: 1 } });
    const [row] = rowsOf(20);
    expect(column(row!, 'verdict')).toBe('page');
    expect(column(row!, 'decided_by')).toBe('model');
    expect(column(row!, 'failure_probability')).toBe(0.02);
    expect(column(row!, 'category')).toBe('timeout');
    expect(JSON.parse(String(column(row!, 'explanation')))).toMatchObject({
      findings: [{ rule: 'error_rate', now: 0.5, usual: 0.025 }],
      samples: [{ message: 'upstream timed out' }],
    });
    const judged = warehouse.rows(predictions).filter((one) => one.window_start === row!.start * 1000);
    expect(judged.map((one) => [one.model, one.positive, one.model_version, one.threshold])).toEqual([
      ['verdict', true, null, 0.6],
      ['rules', true, null, 0.6],
      ['forest', false, 'v7', 0.53],
      ['lstm', false, 'v7', 0.87],
      ['bert', true, 'v7', null],
    ]);
    expect(published).toMatchObject([{ service: 'auth', severity: 'page', category: 'timeout' }]);
  });

  it('is told of again under the same id when the firing runs again, and a revision under another', async () => {
    await usually(20);
    await arrive(20, { errors: 20 });
    const down = new Error('down');
    publish = () => Promise.reject(Object.assign(down, { code: 14 }));
    expect((await timer(20)).status).toBe(500);
    publish = async () => {};
    expect(await timer(20)).toMatchObject({ status: 200, body: { rows: 1 } });
    expect(rowsOf(20).map(({ revision }) => revision)).toEqual([1, 1]);
    const keys = warehouse.rows(predictions).map((one) => `${one.service} ${one.window_start} ${one.model}`);
    expect(new Set(keys).size).toBeLessThan(keys.length);
    const [first] = published;
    await arrive(20, { errors: 30 });
    await timer(20);
    expect(published.map(({ window }) => window.revision)).toEqual([1, 2]);
    expect(published[1]!.id).not.toBe(first!.id);
    const revised = warehouse.rows(predictions).at(-1)!;
    expect(predictions.upsert!.sequence(revised)).toBe(2);
  });

  it('closes without a verdict when judging fails', async () => {
    detector = { ...detector, judge: () => Promise.reject(new Error('a bug')) };
    await arrive(0);
    expect(await timer(0)).toMatchObject({ status: 200, body: { rows: 1 } });
    expect(column(rowsOf(0)[0]!, 'verdict')).toBeUndefined();
    expect(warehouse.rows(predictions)).toEqual([]);
  });

  it('is judged and not told of when all of it is a backfill, told of when some of it is not', async () => {
    await usually(20);
    await arrive(20, { errors: 20, backfill: true });
    await timer(20);
    expect(column(rowsOf(20)[0]!, 'verdict')).toBe('page');
    expect(published).toEqual([]);
    await arrive(20, { errors: 20 });
    await timer(20);
    expect(published).toMatchObject([{ window: { revision: 2 } }]);
  });

  it('tells of a service that falls silent when nobody else speaks either, and when it is back', async () => {
    await usually(30);
    expect((await timer(34)).status).toBe(200);
    expect(published).toEqual([]);
    await timer(36);
    expect(published.map(({ severity, window }) => [severity, window.start])).toEqual([
      ['page', new Date(START_MS + 35 * SIZE_MS).toISOString()],
      ['page', new Date(START_MS + 36 * SIZE_MS).toISOString()],
    ]);
    expect(published[0]!.findings[0]!.rule).toBe('silence');
    await timer(36);
    expect(published).toHaveLength(2);
    await arrive(37);
    await timer(37);
    expect(published.at(-1)).toMatchObject({ severity: 'ok', recovered: true });
  });

  it('does not take a `close` that is behind for silence', async () => {
    await usually(30);
    await arrive(33);
    await timer(37);
    expect(published).toEqual([]);
  });

  it('says nothing of silence where nobody ever spoke', async () => {
    expect((await timer(40)).status).toBe(200);
    expect(published).toEqual([]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { answerTimer, type CloseContext } from '../../functions/close-function.ts';
import { pipelines } from '../../functions/job.ts';
import { deadLetters } from '../../functions/warehouse/tables.ts';
import { serviceWindows } from '../../functions/warehouse/window-tables.ts';
import { contribute } from '../../functions/window/contribute.ts';
import { logEntry } from '../log-entry.ts';
import { MemoryWarehouse } from './memory-warehouse.ts';
import { MemoryStore } from './window/memory-store.ts';

const START_MS = Date.UTC(2026, 10, 20, 10);
const WINDOW = { start: START_MS, end: START_MS + 10_000 };
const SLOTS = { outOfOrdernessMs: 5000, tickMs: 10_000, timerMarginMs: 2000, maxFutureMs: 86_400_000 };

const jobs = pipelines({ jobs: ['service_health'], windowSizeMs: 10_000, allowedLatenessMs: 3_600_000 });

let store: MemoryStore;
let warehouse: MemoryWarehouse;
let nowMs: number;
let context: CloseContext;

beforeEach(() => {
  store = new MemoryStore();
  warehouse = new MemoryWarehouse();
  nowMs = WINDOW.end + 5000;
  context = {
    store,
    warehouse,
    pipelines: jobs,
    retentionMs: 86_400_000,
    outOfOrdernessMs: 5000,
    clock: () => nowMs,
    detection: null,
  };
});

const arrive = async (batchId: string, services: readonly string[], atMs = START_MS + 1): Promise<void> => {
  const elements = services.map((service) => logEntry({ service, timestamp: atMs * 1000 }));
  const effects = { store, timers: { asked: () => false, ask: async () => {} }, clock: () => nowMs };
  await contribute(jobs[0]!.job, { id: batchId, backfill: false, elements }, effects, SLOTS);
};

const timer = (body: object = {}) =>
  answerTimer({ job: 'service_health', slot: WINDOW.end + 5000, windows: [WINDOW], ...body }, context);

describe('the close function', () => {
  it('writes a row per service, and nothing more when the timer runs twice', async () => {
    await arrive('b1', ['auth', 'user', 'auth']);
    await arrive('b2', ['auth']);
    expect(await timer()).toMatchObject({ status: 200, body: { windows: 1, fired: 1, rows: 2 } });
    expect(await timer()).toMatchObject({
      status: 200,
      body: { windows: 1, fired: 0, unchanged: 1, rows: 0 },
    });
    expect(
      warehouse
        .rows(serviceWindows)
        .map(({ key, revision, parts, value }) => [
          key,
          revision,
          parts,
          (value as { entries: number }).entries,
        ]),
    ).toEqual([
      ['auth', 1, 2, 3],
      ['user', 1, 2, 1],
    ]);
  });

  it('fires many windows of one task with one append, and only what is new of them the second time', async () => {
    const windows = Array.from({ length: 20 }, (_, i) => ({
      start: START_MS - i * 10_000,
      end: START_MS - i * 10_000 + 10_000,
    }));
    await arrive('b1', ['auth', 'user']);
    for (const { start } of windows.slice(1, 10)) await arrive(`b${start}`, ['auth'], start + 1);
    let appends = 0;
    const append = warehouse.append.bind(warehouse);
    warehouse.append = (table, rows) => {
      appends++;
      return append(table, rows);
    };
    expect(await timer({ windows })).toEqual({
      status: 200,
      body: {
        ...{ job: 'service_health', start: START_MS, windows: 20 },
        ...{ fired: 10, revised: 0, rows: 11, empty: 10 },
      },
    });
    expect(appends).toBe(1);
    await arrive('more', ['auth']);
    expect((await timer({ windows })).body).toMatchObject({
      fired: 1,
      revised: 1,
      unchanged: 9,
      empty: 10,
      rows: 2,
    });
    expect(appends).toBe(2);
  });

  it('writes the next revision for what came late', async () => {
    await arrive('b1', ['auth']);
    await timer();
    await arrive('b2', ['auth']);
    await timer();
    expect(
      warehouse
        .rows(serviceWindows)
        .map(({ revision, value }) => [revision, (value as { entries: number }).entries]),
    ).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('keeps a partial that cannot be read, and marks the row as incomplete', async () => {
    await arrive('b1', ['auth']);
    await store.contribute([
      {
        of: { job: 'service_health', window: WINDOW },
        batchId: 'b2',
        kind: 'partial',
        parts: ['{"half":'],
        endMs: WINDOW.end,
        timers: [],
      },
    ]);
    await timer();
    expect(warehouse.rows(serviceWindows)).toMatchObject([{ key: 'auth', incomplete: true }]);
    expect(warehouse.rows(deadLetters)).toMatchObject([{ stage: 'window', reason: 'corrupt_partial' }]);
  });

  it('says what is wrong with a call that no timer of ours makes', async () => {
    expect(await timer({ job: 'other' })).toEqual({
      status: 400,
      body: { error: 'no job "other"; allowed: service_health' },
    });
    expect((await timer({ windows: [{ start: WINDOW.end, end: WINDOW.start }] })).status).toBe(400);
    expect((await answerTimer('x', context)).status).toBe(400);
  });

  it('asks to be called again when the timer runs before its time', async () => {
    await arrive('b1', ['auth']);
    expect(await timer({ slot: nowMs + 700 })).toEqual({
      status: 425,
      body: { error: 'the timer is due in 700 ms' },
    });
    expect(warehouse.rows(serviceWindows)).toEqual([]);
  });

  it('asks to be called again when the warehouse is down', async () => {
    await arrive('b1', ['auth']);
    const append = warehouse.append.bind(warehouse);
    warehouse.append = () => Promise.reject(Object.assign(new Error('down'), { code: 14 }));
    expect((await timer()).status).toBe(500);
    warehouse.append = append;
    expect(await timer()).toMatchObject({ status: 200, body: { fired: 1, rows: 1 } });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tumbling } from '../../../functions/stream/assigner.ts';
import { type Job, stream } from '../../../functions/stream/job.ts';
import { closeWindow, type WindowResult } from '../../../functions/window/close.ts';
import { contribute } from '../../../functions/window/contribute.ts';
import type { Timers } from '../../../functions/window/store.ts';
import { type JobWindow, timerName, windowId } from '../../../functions/window/window-id.ts';
import { MemoryStore } from './memory-store.ts';

interface Element {
  readonly key: string;
  readonly timestampMs: number;
  readonly value: number;
}

const SETTINGS = { outOfOrdernessMs: 1000, tickMs: 1000, timerMarginMs: 100 };
const RETENTION_MS = 3_600_000;
const LATENESS_MS = 20_000;

const job: Job<Element, { sum: number }, number> = stream<Element>('sums')
  .timestampBy((element) => element.timestampMs)
  .keyBy((element) => element.key)
  .window(tumbling(5000))
  .allowedLateness(LATENESS_MS)
  .aggregate({
    create: () => ({ sum: 0 }),
    add: (acc, element) => ({ sum: acc.sum + element.value }),
    merge: (a, b) => ({ sum: a.sum + b.sum }),
    result: (acc) => acc.sum,
    encode: (acc) => acc.sum,
    decode: (sum) => ({ sum: Number(sum) }),
  });

class Crash extends Error {}

/** The serverless half in one process: a store, timers that run when time passes, rows by highest revision. */
class World {
  nowMs = 0;
  readonly store = new MemoryStore();
  readonly rows = new Map<string, WindowResult<number>>();
  readonly late = new Set<string>();
  readonly #tasks = new Map<string, { readonly of: JobWindow; readonly slotMs: number }>();
  readonly #names = new Set<string>();
  /** Effects left until the next crash; Infinity: none. */
  effectsLeft = Number.POSITIVE_INFINITY;
  crashes = 0;

  /** One effect: it happens, or the process dies just before it. */
  #effect<T>(run: () => T): T {
    if (this.effectsLeft-- <= 0) {
      this.effectsLeft = Number.POSITIVE_INFINITY;
      this.crashes++;
      throw new Crash();
    }
    return run();
  }

  readonly timers: Timers = {
    ask: async (of, slotMs) =>
      this.#effect(() => {
        const name = timerName(of, slotMs);
        if (this.#names.has(name)) return;
        this.#names.add(name);
        this.#tasks.set(name, { of, slotMs });
      }),
  };

  /** Delivers a batch once; false: the process died, so Pub/Sub will deliver it again. */
  async deliver(batch: { readonly id: string; readonly elements: readonly Element[] }): Promise<boolean> {
    const store = this.#guarded();
    try {
      const effects = { store, timers: this.timers, clock: () => this.nowMs };
      const { missed } = await contribute(job, { ...batch, backfill: false }, effects, SETTINGS);
      for (const { of } of missed) this.#effect(() => this.late.add(`${batch.id}/${of.window.start}`));
      return true;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    }
  }

  async fire(of: JobWindow): Promise<void> {
    const effects = {
      store: this.#guarded(),
      emit: async (results: readonly WindowResult<number>[]) =>
        this.#effect(() => {
          for (const result of results) {
            const id = `${result.key}/${of.window.start}`;
            if ((this.rows.get(id)?.revision ?? 0) <= result.revision) this.rows.set(id, result);
          }
        }),
      corrupt: async () => {},
    };
    await closeWindow(job, of, effects, { nowMs: this.nowMs, retentionMs: RETENTION_MS });
  }

  /** Runs the tasks that are due, each until it succeeds, as Cloud Tasks does; `twice` runs each again. */
  async runDue(twice: boolean): Promise<void> {
    for (const [name, task] of this.#tasks) {
      if (task.slotMs > this.nowMs) continue;
      for (let left = twice ? 2 : 1; left > 0; left--) {
        await this.fire(task.of).catch((error) => {
          if (!(error instanceof Crash)) throw error;
          left++;
        });
      }
      this.#tasks.delete(name);
    }
  }

  get waiting(): number {
    return this.#tasks.size;
  }

  #guarded() {
    const { store } = this;
    return {
      contribute: (...args: Parameters<MemoryStore['contribute']>) =>
        this.#effect(() => store.contribute(...args)),
      partsOf: (...args: Parameters<MemoryStore['partsOf']>) => this.#effect(() => store.partsOf(...args)),
      statesOf: (...args: Parameters<MemoryStore['statesOf']>) => this.#effect(() => store.statesOf(...args)),
      commit: (...args: Parameters<MemoryStore['commit']>) => this.#effect(() => store.commit(...args)),
    };
  }
}

const element = fc.record({
  key: fc.constantFrom('a', 'b', '__proto__'),
  timestampMs: fc.integer({ min: -10_000, max: 30_000 }),
  value: fc.integer({ min: 1, max: 9 }),
});

/** What happens: time passes, a batch comes (again), the process will die after so many effects. */
const step = fc.oneof(
  fc.record({
    kind: fc.constant('advance' as const),
    ms: fc.integer({ min: 100, max: 20_000 }),
    twice: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('deliver' as const), batch: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constant('crash' as const), after: fc.nat({ max: 6 }) }),
);

/** Sums of the elements that lie in windows which counted their batch, by brute force. */
function expected(
  batches: readonly (readonly Element[])[],
  delivered: ReadonlySet<number>,
  late: ReadonlySet<string>,
) {
  const sums = new Map<string, number>();
  for (const index of delivered) {
    for (const { key, timestampMs, value } of batches[index]!) {
      const start = Math.floor(timestampMs / 5000) * 5000;
      if (late.has(`batch-${index}/${start}`)) continue;
      sums.set(`${key}/${start}`, (sums.get(`${key}/${start}`) ?? 0) + value);
    }
  }
  return sums;
}

describe('windows on serverless', () => {
  it('count each batch once per window, whatever is redelivered, delayed, crashed or run twice', async () => {
    let crashes = 0;
    let lateWindows = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(element, { minLength: 1, maxLength: 6 }), { minLength: 6, maxLength: 6 }),
        fc.array(step, { maxLength: 25 }),
        async (batches, steps) => {
          const world = new World();
          const delivered = new Set<number>();
          const deliver = async (index: number): Promise<void> => {
            delivered.add(index);
            while (!(await world.deliver({ id: `batch-${index}`, elements: batches[index]! })));
          };
          for (const one of steps) {
            if (one.kind === 'crash') world.effectsLeft = one.after;
            else if (one.kind === 'deliver') await deliver(one.batch);
            else {
              world.nowMs += one.ms;
              await world.runDue(one.twice);
            }
          }
          world.effectsLeft = Number.POSITIVE_INFINITY;
          while (world.waiting > 0) {
            world.nowMs += 10_000;
            await world.runDue(false);
          }
          crashes += world.crashes;
          lateWindows += world.late.size;
          const rows = new Map([...world.rows].map(([id, row]) => [id, row.value]));
          expect(rows).toEqual(expected(batches, delivered, world.late));
        },
      ),
      { numRuns: 500 },
    );
    // The schedules must really crash and really be late, or the property says little.
    expect(crashes).toBeGreaterThan(100);
    expect(lateWindows).toBeGreaterThan(100);
  });

  const of = { job: 'sums', window: { start: 0, end: 5000 } };
  const one = (value: number) => ({ key: 'a', timestampMs: 10, value });

  it('leave a sealed row alone when its partials have expired', async () => {
    const world = new World();
    await world.deliver({ id: 'batch-1', elements: [one(3)] });
    world.nowMs = 6000;
    await world.runDue(false);
    world.store.expire(of);
    await world.fire(of);
    expect(world.rows.get('a/0')).toMatchObject({ value: 3, revision: 1 });
  });

  it('still close when a partial is corrupt, and the row says that it is incomplete', async () => {
    const world = new World();
    await world.deliver({ id: 'batch-1', elements: [one(3)] });
    await world.deliver({ id: 'batch-2', elements: [one(4)] });
    world.store.corrupt(of);
    world.nowMs = 6000;
    await world.runDue(false);
    expect(world.rows.get('a/0')).toMatchObject({ incomplete: true, parts: 2 });
    expect([3, 4]).toContain(world.rows.get('a/0')?.value);
  });

  it('have distinct identities for one start and several ends', () => {
    expect(windowId(of)).not.toBe(windowId({ ...of, window: { start: 0, end: 6000 } }));
  });
});

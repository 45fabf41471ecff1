import { beforeEach, describe, expect, it } from 'vitest';
import type { Timers } from '../../../functions/window/store.ts';
import { sweep } from '../../../functions/window/sweep.ts';
import type { Timer } from '../../../functions/window/window-id.ts';
import { MemoryStore } from './memory-store.ts';
import { JOBS } from './schedule.ts';
import { type Batch, World } from './world.ts';

const batch: Batch = { id: 'batch-01', backfill: false, lines: ['a 1500'] };

describe('a window whose timer was lost', () => {
  it('closes after the next sweep, with what had been counted', async () => {
    const world = new World(JOBS.tumbling);
    await world.deliver(batch);
    world.lose(0);
    world.nowMs = 7000 + 120_000;
    await world.runDue();
    expect(world.rows.size).toBe(0);
    await world.sweep();
    world.nowMs += 2000;
    await world.runDue();
    expect(world.rows.get('a 1000')).toMatchObject({ value: 'batch-01-0' });
    expect(world.store.notedTimers).toBe(0);
  });

  it('closes too when the batch died before it asked, and its message was given up', async () => {
    const world = new World(JOBS.tumbling);
    // Effects: log rows, partial, timer.
    world.breakAfter(2, 'crash');
    await world.deliver(batch);
    world.abandon();
    world.nowMs = 7000 + 120_000;
    await world.sweep();
    world.nowMs += 2000;
    await world.runDue();
    expect(world.rows.get('a 1000')).toMatchObject({ value: 'batch-01-0' });
  });

  it('is of no matter when the timer did its work: nothing is asked for', async () => {
    const world = new World(JOBS.tumbling);
    await world.deliver(batch);
    world.nowMs = 7000;
    await world.runDue();
    const { firings } = world;
    world.nowMs += 600_000;
    await world.sweep();
    world.nowMs += 2000;
    await world.runDue();
    expect(world.firings).toBe(firings);
  });
});

describe('sweep', () => {
  const SLOTS = { outOfOrdernessMs: 5000, tickMs: 10_000, timerMarginMs: 2000 };
  let store: MemoryStore;
  let asked: Timer[];
  let nowMs: number;
  const timers: Timers = { asked: () => false, ask: async (group) => void asked.push(...group) };
  const run = (maxTimers = 1000) => sweep({ store, timers, clock: () => nowMs }, { ...SLOTS, maxTimers });
  const timer = (start: number): Timer => ({
    of: { job: 'j', window: { start, end: start + 10 } },
    slotMs: start,
  });

  beforeEach(() => {
    store = new MemoryStore();
    asked = [];
    nowMs = 1_000_000;
  });

  it('asks at the next tick, under a new name, and leaves those whose time has not come', async () => {
    await store.noteTimers([timer(0), timer(nowMs - 1000)]);
    expect(await run()).toEqual({ asked: 1, oldestSlotMs: 0, more: false });
    expect(asked).toEqual([{ of: timer(0).of, slotMs: 1_010_000 }]);
  });

  it('waits longer each time, so that timers that merely wait are not multiplied', async () => {
    await store.noteTimers([timer(0)]);
    const times: number[] = [];
    for (; nowMs < 4 * 3_600_000; nowMs += 60_000) if ((await run()).asked > 0) times.push(nowMs / 60_000);
    const pauses = times.slice(1).map((at, i) => at - times[i]!);
    expect(times.length).toBeLessThan(8);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  });

  it('works in pages, and says when it leaves some for the next run', async () => {
    await store.noteTimers(Array.from({ length: 250 }, (_, i) => timer(i)));
    expect(await run(230)).toEqual({ asked: 230, oldestSlotMs: 0, more: true });
    expect(await run(230)).toEqual({ asked: 20, oldestSlotMs: 230, more: false });
    expect(new Set(asked.map(({ of }) => of.window.start)).size).toBe(250);
  });
});

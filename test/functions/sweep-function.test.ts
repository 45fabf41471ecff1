import { describe, expect, it } from 'vitest';
import { answerSweep } from '../../functions/sweep-function.ts';
import type { Timer } from '../../functions/window/window-id.ts';
import { MemoryStore } from './window/memory-store.ts';

const SETTINGS = {
  ...{ outOfOrdernessMs: 5000, tickMs: 10_000, timerMarginMs: 2000, maxTimers: 100 },
  ...{ windowSizeMs: 10_000, judgedJob: 'service_health' },
};
const timer: Timer = { of: { job: 'service_health', window: { start: 0, end: 10_000 } }, slotMs: 15_000 };

describe('the sweep function', () => {
  it('says how many timers it asked for again, and how long the oldest was overdue', async () => {
    const store = new MemoryStore();
    await store.noteTimers([timer]);
    const timers = { asked: () => false, ask: async () => {} };
    const effects = { store, timers, clock: () => 215_000 };
    expect(await answerSweep(effects, SETTINGS)).toEqual({
      status: 200,
      body: { asked: 1, oldest_ms: 200_000, more: false },
    });
    expect((await answerSweep(effects, SETTINGS)).body).toMatchObject({ asked: 0, oldest_ms: null });
  });

  it('has the last window fired that is over, so that somebody looks when nothing comes at all', async () => {
    const asked: Timer[] = [];
    const timers = { asked: () => false, ask: async (group: readonly Timer[]) => void asked.push(...group) };
    const effects = { store: new MemoryStore(), timers, clock: () => 217_000 };
    await answerSweep(effects, SETTINGS);
    expect(asked).toEqual([
      { of: { job: 'service_health', window: { start: 200_000, end: 210_000 } }, slotMs: 220_000 },
    ]);
    await answerSweep(effects, { ...SETTINGS, judgedJob: null });
    expect(asked).toHaveLength(1);
  });

  it('fails when a client does, and loses nothing: the next run finds the timer', async () => {
    const store = new MemoryStore();
    await store.noteTimers([timer]);
    const down = { asked: () => false, ask: () => Promise.reject(new Error('down')) };
    const clock = () => 215_000;
    expect(await answerSweep({ store, timers: down, clock }, SETTINGS)).toEqual({
      status: 500,
      body: { error: 'sweeping failed' },
    });
    const up = { asked: () => false, ask: async () => {} };
    expect((await answerSweep({ store, timers: up, clock }, SETTINGS)).body).toMatchObject({ asked: 1 });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerQueue } from '../../../functions/stream/timer-queue.ts';

describe('the timer queue', () => {
  it('gives out what is due, by time, then in the order asked, also what is added meanwhile', () => {
    const act = fc.oneof(
      fc.record({
        add: fc.integer({ min: -20, max: 20 }),
        again: fc.option(fc.integer({ min: -20, max: 20 })),
      }),
      fc.record({ drain: fc.integer({ min: -20, max: 25 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const queue = new TimerQueue<{ readonly id: number; readonly again: number | null }>();
        let waiting: { id: number; timeMs: number }[] = [];
        let id = 0;
        for (const one of acts) {
          if ('add' in one) {
            queue.add(one.add, { id: id, again: one.again });
            waiting.push({ id: id++, timeMs: one.add });
            continue;
          }
          queue.drain(
            (timeMs) => timeMs <= one.drain,
            (item, timeMs) => {
              const next = waiting.reduce((a, b) => (b.timeMs < a.timeMs ? b : a));
              // A timer added for an earlier time while another time runs waits for the end of that time.
              expect(timeMs).toBeGreaterThanOrEqual(next.timeMs);
              expect(timeMs).toBeLessThanOrEqual(one.drain);
              expect(waiting.find((w) => w.id === item.id)?.timeMs).toBe(timeMs);
              waiting = waiting.filter((w) => w.id !== item.id);
              if (item.again === null) return;
              queue.add(item.again, { id: id, again: null });
              waiting.push({ id: id++, timeMs: item.again });
            },
          );
          expect(waiting.filter(({ timeMs }) => timeMs <= one.drain)).toEqual([]);
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupName, groupTimers } from '../../../functions/window/timer-group.ts';
import { type Timer, timerName } from '../../../functions/window/window-id.ts';

const timer = (index: number, slotMs = 0, job = 'j'): Timer => ({
  of: { job, window: { start: index * 10, end: index * 10 + 10 } },
  slotMs,
});
const timers = (count: number): Timer[] => Array.from({ length: count }, (_, i) => timer(i));

describe('timers of a batch', () => {
  it('are in one task each, of one job and one slot', () => {
    const some = fc.uniqueArray(
      fc.tuple(fc.nat({ max: 300 }), fc.nat({ max: 2 }), fc.constantFrom('a', 'b')).map((at) => timer(...at)),
      { selector: timerName, maxLength: 600, size: 'max' },
    );
    fc.assert(
      fc.property(some, (all) => {
        const groups = groupTimers(all);
        expect(groups.flat().map(timerName).sort()).toEqual(all.map(timerName).sort());
        for (const group of groups) {
          expect(new Set(group.map(({ of, slotMs }) => `${of.job} ${slotMs}`)).size).toBe(1);
          expect(group.length).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('have tasks of their own while they are few, under the names that other batches ask for too', () => {
    const groups = groupTimers(timers(7));
    expect(groups.map(groupName)).toEqual(timers(7).map(timerName));
  });

  it('share tasks when they are many: 250 windows are three', () => {
    expect(groupTimers(timers(250)).map((group) => group.length)).toEqual([100, 100, 50]);
    const names = groupTimers(timers(250)).map(groupName);
    expect(groupTimers(timers(250)).map(groupName)).toEqual(names);
    expect(new Set(names).size).toBe(3);
  });
});

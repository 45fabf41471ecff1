import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSessionSlot, nextSlot } from '../../../functions/window/slot.ts';

const SETTINGS = { outOfOrdernessMs: 5000, tickMs: 10_000, timerMarginMs: 2000 };

describe('a window fires', () => {
  it('when the watermark passes its end, while that lies ahead', () => {
    expect(nextSlot(20_000, 12_345, SETTINGS)).toBe(25_000);
    expect(nextSlot(20_000, 22_999, SETTINGS)).toBe(25_000);
  });

  it('at the next tick from then on, never sooner than the margin', () => {
    expect(nextSlot(20_000, 23_000, SETTINGS)).toBe(30_000);
    expect(nextSlot(20_000, 27_999, SETTINGS)).toBe(30_000);
    expect(nextSlot(20_000, 28_000, SETTINGS)).toBe(40_000);
  });

  it('always later than the margin after what was committed, and never before its watermark', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (endMs, nowMs) => {
        for (const slotOf of [nextSlot, nextSessionSlot]) {
          const slotMs = slotOf(endMs, nowMs, SETTINGS);
          expect(slotMs).toBeGreaterThan(nowMs + SETTINGS.timerMarginMs);
          expect(slotMs).toBeGreaterThanOrEqual(endMs + SETTINGS.outOfOrdernessMs);
        }
      }),
    );
  });
});

describe('a session fires', () => {
  it('at the first tick at which the watermark has passed its end', () => {
    expect(nextSessionSlot(20_000, 0, SETTINGS)).toBe(30_000);
    expect(nextSessionSlot(25_000, 0, SETTINGS)).toBe(30_000);
    expect(nextSessionSlot(25_001, 0, SETTINGS)).toBe(40_000);
    expect(nextSessionSlot(25_000, 28_000, SETTINGS)).toBe(40_000);
  });
});

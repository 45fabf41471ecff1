import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CombinedWatermark } from '../../../functions/stream/combined-watermark.ts';
import { IdlenessTimer } from '../../../functions/stream/idleness.ts';
import { boundedOutOfOrderness, WatermarkGenerator } from '../../../functions/stream/watermark.ts';
import { START_OF_TIME } from '../../../functions/stream/window.ts';

describe('the watermark of an input', () => {
  it('is the highest timestamp less the bound and one, and never goes back', () => {
    const times = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });
    fc.assert(
      fc.property(times, fc.nat({ max: 100 }), (times, bound) => {
        const generator = new WatermarkGenerator(boundedOutOfOrderness(bound));
        expect(generator.watermarkMs).toBe(START_OF_TIME);
        times.forEach((timestampMs, i) => {
          generator.onEvent(timestampMs, 0);
          expect(generator.watermarkMs).toBe(Math.max(...times.slice(0, i + 1)) - bound - 1);
        });
      }),
    );
  });

  it('is not moved by a clock far in the future, which is counted', () => {
    const generator = new WatermarkGenerator(boundedOutOfOrderness(0, { maxAheadMs: 60_000 }));
    generator.onEvent(1000, 1000);
    generator.onEvent(61_001, 1000);
    expect([generator.watermarkMs, generator.clamped]).toEqual([999, 1]);
    generator.onEvent(61_000, 1000);
    expect([generator.watermarkMs, generator.clamped]).toEqual([60_999, 1]);
  });

  it('refuses a timestamp that is no time, and settings that are none', () => {
    const generator = new WatermarkGenerator(boundedOutOfOrderness(0));
    expect(() => generator.onEvent(Number.NaN, 0)).toThrow('timestamp must be a number of ms');
    expect(() => generator.onEvent(Number.POSITIVE_INFINITY, 0)).toThrow(RangeError);
    expect(generator.watermarkMs).toBe(START_OF_TIME);
    expect(() => boundedOutOfOrderness(-1)).toThrow('out-of-orderness must be a whole number');
    expect(() => boundedOutOfOrderness(Number.NaN)).toThrow(RangeError);
    expect(() => boundedOutOfOrderness(0, { idleTimeoutMs: 0 })).toThrow('idle timeout must be');
    expect(() => boundedOutOfOrderness(0, { maxAheadMs: Number.NaN })).toThrow('max ahead must be');
  });
});

describe('an input', () => {
  it('is idle only once more than the timeout passed since a check found nothing new', () => {
    const timer = new IdlenessTimer(10);
    timer.onEvent();
    expect(timer.check(0)).toBe(false);
    expect(timer.check(100)).toBe(false);
    expect(timer.check(110)).toBe(false);
    expect(timer.check(111)).toBe(true);
    timer.onEvent();
    expect(timer.check(112)).toBe(false);
  });
});

describe('the watermark of several inputs', () => {
  const inputs = ['a', 'b', 'c'] as const;
  const word = fc.record({
    input: fc.constantFrom(...inputs),
    say: fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constantFrom('idle' as const, 'active' as const)),
  });

  it('is the lowest of the active ones, the highest when all are idle, and never goes back', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const combined = new CombinedWatermark();
        const known = new Map<string, { watermark: number; idle: boolean }>();
        for (const input of inputs) {
          combined.declare(input);
          known.set(input, { watermark: START_OF_TIME, idle: false });
        }
        let highest = START_OF_TIME;
        for (const { input, say } of words) {
          const of = known.get(input)!;
          if (say === 'idle') combined.markIdle(input);
          else if (say === 'active') combined.markActive(input);
          else combined.update(input, say);
          of.idle = say === 'idle';
          if (typeof say === 'number') of.watermark = Math.max(of.watermark, say);
          const active = [...known.values()].filter(({ idle }) => !idle);
          const proposed =
            active.length > 0
              ? Math.min(...active.map(({ watermark }) => watermark))
              : Math.max(...[...known.values()].map(({ watermark }) => watermark));
          highest = Math.max(highest, proposed);
          expect([combined.watermarkMs, combined.idle]).toEqual([highest, active.length === 0]);
        }
      }),
    );
  });

  it('goes on without an input that left', () => {
    const combined = new CombinedWatermark();
    combined.update('a', 5);
    combined.declare('b');
    expect(combined.remove('b')).toBe(true);
    expect(combined.remove('b')).toBe(false);
    combined.update('a', 6);
    expect(combined.watermarkMs).toBe(6);
  });
});

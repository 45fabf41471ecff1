import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyWindow,
  FEATURES,
  type FeatureName,
  featuresOf,
  HISTORY,
  MIN_HISTORY,
  type ServiceWindow,
  usualOf,
} from '../../models/features.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

const quiet = (overrides: Partial<ServiceWindow> = {}): ServiceWindow => ({
  ...emptyWindow(NOON),
  entries: 200,
  errors: 20,
  warning_count: 30,
  critical_count: 2,
  http_4xx: 10,
  http_5xx: 8,
  latency_mean_ms: 50,
  latency_p50_ms: 40,
  latency_p99_ms: 200,
  distinct_users: 120,
  ...overrides,
});

const named = (features: Float32Array): Record<FeatureName, number> =>
  Object.fromEntries(FEATURES.map((name, index) => [name, features[index]!])) as Record<FeatureName, number>;

const usual = usualOf(Array.from({ length: 40 }, () => quiet()));

describe('the features of a window', () => {
  it('tell no change where a window is as usual', () => {
    const features = named(featuresOf(quiet(), usual));
    for (const name of FEATURES.filter((one) => /_change|_excess/.test(one)))
      expect(features[name], name).toBeCloseTo(0, 5);
    expect(features.error_rate).toBeCloseTo(0.1);
    expect([features.hour_sine, features.hour_cosine].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
      0, -1,
    ]);
  });

  it('tell of more errors, slower answers and missing entries', () => {
    const bad = named(featuresOf(quiet({ errors: 120, http_5xx: 90, latency_mean_ms: 400 }), usual));
    expect(bad.error_excess).toBeGreaterThan(2);
    expect(bad.http_5xx_excess).toBeGreaterThan(2);
    expect(bad.latency_mean_change).toBeCloseTo(Math.log(401 / 51));
    const silent = named(featuresOf(emptyWindow(NOON), usual));
    expect(silent.entries_change).toBeLessThan(-5);
    expect(silent.latency_mean_change).toBe(0);
  });

  it('are the same for a service ten times as slow, and weigh the same share by how many entries tell it', () => {
    const slow = (latency: number) => ({
      latency_mean_ms: latency,
      latency_p50_ms: latency,
      latency_p99_ms: latency,
    });
    const slowUsual = usualOf(Array.from({ length: 40 }, () => quiet(slow(5000))));
    const fastUsual = usualOf(Array.from({ length: 40 }, () => quiet(slow(500))));
    const [a, b] = [
      named(featuresOf(quiet(slow(10_000)), slowUsual)),
      named(featuresOf(quiet(slow(1000)), fastUsual)),
    ];
    expect(a.latency_p99_change).toBeCloseTo(b.latency_p99_change, 2);
    const few = named(featuresOf(quiet({ entries: 10, errors: 3 }), usual));
    const many = named(featuresOf(quiet({ entries: 1000, errors: 300 }), usual));
    expect(many.error_excess).toBeGreaterThan(2 * few.error_excess);
  });

  it('say nothing of changes before enough windows are known', () => {
    const short = usualOf(Array.from({ length: MIN_HISTORY - 1 }, () => quiet()));
    expect(short).toBeNull();
    expect(named(featuresOf(quiet({ errors: 200 }), short)).error_excess).toBe(0);
  });

  it('have a usual that an incident in a quarter of the windows hardly moves', () => {
    const incident = Array.from({ length: HISTORY / 4 }, () =>
      quiet({ errors: 180, latency_mean_ms: 900, entries: 20 }),
    );
    const history = [...Array.from({ length: (HISTORY / 4) * 3 }, () => quiet()), ...incident];
    expect(usualOf(history)).toMatchObject({ entries: 200, latencyMeanMs: 50 });
    expect(usualOf(history)!.errorRate).toBeCloseTo(0.1);
  });

  it('are finite for any row', () => {
    const count = fc.oneof(fc.nat(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1));
    const latency = fc.oneof(fc.constant(null), fc.double());
    const row = fc.record({
      window_start_ms: fc.double(),
      entries: count,
      errors: count,
      warning_count: count,
      critical_count: count,
      http_4xx: count,
      http_5xx: count,
      latency_mean_ms: latency,
      latency_p50_ms: latency,
      latency_p99_ms: latency,
      distinct_users: count,
      new_pattern_errors: count,
    });
    fc.assert(
      fc.property(row, fc.array(row, { maxLength: 30 }), (now, history) => {
        const features = featuresOf(now, usualOf(history));
        expect(features).toHaveLength(16);
        expect(features.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

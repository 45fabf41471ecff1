import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import type { Severity } from '../../functions/parse/severity.ts';
import { serviceStats } from '../../functions/service-stats.ts';
import { logEntry } from '../log-entry.ts';

const anyEntry = fc
  .record({
    severity: fc.constantFrom<Severity>(0, 100, 200, 300, 400, 500, 600, 700, 800),
    http_status: fc.option(fc.integer({ min: 0, max: 1000 })),
    latency_ms: fc.option(fc.double({ min: -5, max: 1e6, noNaN: true })),
    user_id: fc.option(fc.constantFrom('ada', 'bob', 'eve')),
    pattern_id: fc.option(fc.constantFrom('p1', 'p2', 'p3')),
    anomaly_score: fc.integer({ min: 0, max: 100 }),
    timestamp: fc.integer({ min: 0, max: 5 }),
    message: fc.string({ unit: 'binary', maxLength: 300 }),
  })
  .map(logEntry);

const fold = (entries: readonly LogEntry[]) => entries.reduce(serviceStats.add, serviceStats.create());

describe('the statistics of a service', () => {
  it('count what a window holds', () => {
    const stats = serviceStats.result(
      fold([
        logEntry({ http_status: 200, latency_ms: 10, user_id: 'ada', pattern_id: 'p1' }),
        logEntry({ http_status: 204, latency_ms: 30, user_id: 'ada', pattern_id: 'p1' }),
        logEntry({
          severity: 500,
          http_status: 503,
          latency_ms: 20,
          user_id: 'bob',
          pattern_id: 'p2',
          anomaly_score: 70,
        }),
        logEntry({ severity: 600, anomaly_score: 90 }),
      ]),
    );
    expect(stats).toMatchObject({
      entries: 4,
      errors: 2,
      severities: [0, 0, 2, 0, 0, 1, 1, 0, 0],
      http: [0, 2, 0, 0, 1],
      anomalies: 2,
      maxAnomalyScore: 90,
      distinctUsers: 2,
      topPatterns: [
        ['p1', 2],
        ['p2', 1],
      ],
      latency: { count: 3, mean: 20, min: 10, max: 30 },
    });
    expect(stats.latency.variance).toBeCloseTo(200 / 3, 9);
    expect(Math.abs(stats.latency.p50! - 20)).toBeLessThanOrEqual(0.2);
  });

  it('are the same to the last bit in whatever batches and order the entries came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyEntry, { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
        (batches) => {
          const merged = batches
            .toReversed()
            .map((batch) => serviceStats.decode(JSON.parse(JSON.stringify(serviceStats.encode(fold(batch))))))
            .reduce(serviceStats.merge, serviceStats.create());
          expect(serviceStats.result(merged)).toEqual(serviceStats.result(fold(batches.flat())));
        },
      ),
    );
  });

  it('are the same when partials are merged without decoding them', () => {
    fc.assert(
      fc.property(
        fc.array(anyEntry, { maxLength: 12 }),
        fc.array(anyEntry, { maxLength: 12 }),
        (one, other) => {
          const encoded = serviceStats.encode(fold(other));
          const merged = serviceStats.mergeEncoded?.(fold(one), encoded);
          expect(merged).toEqual(serviceStats.merge(fold(one), serviceStats.decode(encoded)));
        },
      ),
    );
  });

  it('show the worst entry of each of the worst patterns, cut to a length, and count the patterns of errors', () => {
    const stats = serviceStats.result(
      fold([
        logEntry({
          anomaly_score: 60,
          severity: 500,
          pattern_id: 'p1',
          message: 'late',
          timestamp: 9,
          trace_id: 't',
        }),
        logEntry({ anomaly_score: 60, severity: 500, pattern_id: 'p1', message: 'early', timestamp: 8 }),
        logEntry({ anomaly_score: 90, severity: 600, pattern_id: 'p2', message: '😀'.repeat(200) }),
        logEntry({ anomaly_score: 20, pattern_id: 'p3', message: 'slow' }),
        logEntry({ anomaly_score: 10, pattern_id: 'p4', message: 'fourth' }),
        logEntry({ pattern_id: 'p5', message: 'fine' }),
      ]),
    );
    expect(stats.errorPatterns).toEqual([
      ['p1', 2],
      ['p2', 1],
    ]);
    expect(stats.samples.map(({ message }) => message)).toEqual([`${'😀'.repeat(119)}…`, 'early', 'slow']);
  });

  it('are read from a partial of the release before', () => {
    const old = `1${(serviceStats.encode(fold([logEntry({ pattern_id: 'p1' })])) as string).slice(1, -2)}`;
    expect(serviceStats.result(serviceStats.decode(old))).toMatchObject({ entries: 1, samples: [] });
  });

  it('refuse a partial that is not one, or of which a piece is missing', () => {
    const entries = [logEntry({ http_status: 200, latency_ms: 12.5, user_id: 'ada', pattern_id: 'p1' })];
    const encoded = serviceStats.encode(fold(entries)) as string;
    const pieces = Array.from({ length: encoded.length }, (_, i) => encoded.slice(0, i));
    const swapped = [encoded.replace('2', '3'), `${encoded}:`, [encoded], null, { a: 1 }];
    for (const corrupt of [...pieces, ...swapped])
      expect(() => serviceStats.decode(corrupt)).toThrow(/service stats/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../functions/ingest/failure.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { createParser } from '../../../functions/parse/parse-record.ts';
import {
  createGenerator,
  type GeneratedLine,
  type GeneratorOptions,
} from '../../../local/generator/generator.ts';
import { LEVELS } from '../../../local/generator/texts/text.ts';

const START_MS = Date.UTC(2026, 10, 20, 10);
const SECOND_MS = 1000;
const CALM = { seed: 7, rate: 1000, startMs: START_MS, incidentEveryMs: 0, rhythm: 0 };

const make = (options: Partial<GeneratorOptions> = {}) => createGenerator({ ...CALM, ...options });
const texts = (lines: readonly GeneratedLine[]): string[] => lines.map(({ line }) => line);

/** The first line in which they differ, with its counterpart; null: they are the same. */
function difference(a: readonly string[], b: readonly string[]): unknown {
  const at = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, i) => a[i] !== b[i]);
  return at < 0 ? null : { at, lengths: [a.length, b.length], lines: [a[at], b[at]] };
}

const parse = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 });

function entryOf({ line, timestampMs }: GeneratedLine): LogEntry {
  const receivedAtUs = (timestampMs + 500) * 1000;
  const entry = parse(line, { batchId: 'b', index: 0, receivedAtUs, attributes: {}, latin1: false });
  if (isFailure(entry)) throw new Error(entry.detail);
  return entry;
}

/** The lines by a value of theirs. */
function group<K>(lines: readonly GeneratedLine[], of: (line: GeneratedLine) => K): Map<K, GeneratedLine[]> {
  const groups = new Map<K, GeneratedLine[]>();
  for (const line of lines) {
    const key = of(line);
    const known = groups.get(key);
    if (known) known.push(line);
    else groups.set(key, [line]);
  }
  return groups;
}

/** How many of the lines have each value. */
function count<T extends string>(
  lines: readonly GeneratedLine[],
  of: (line: GeneratedLine) => T,
): Record<T, number> {
  const counts = {} as Record<T, number>;
  for (const line of lines) counts[of(line)] = (counts[of(line)] ?? 0) + 1;
  return counts;
}

describe('the same seed and times give the same lines', () => {
  const whole = texts(make().next(START_MS, START_MS + 3 * SECOND_MS));

  it('in another generator, and others for another seed', () => {
    expect(difference(texts(make().next(START_MS, START_MS + 3 * SECOND_MS)), whole)).toBeNull();
    expect(
      difference(texts(make({ seed: 8 }).next(START_MS, START_MS + 3 * SECOND_MS)), whole),
    ).not.toBeNull();
  });

  it('whatever the steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }), (steps) => {
        const generator = make();
        const lines: string[] = [];
        let atMs = START_MS;
        for (const step of [...steps, 3 * SECOND_MS]) {
          const toMs = Math.min(atMs + step, START_MS + 3 * SECOND_MS);
          lines.push(...texts(generator.next(atMs, toMs)));
          atMs = toMs;
        }
        expect(difference(lines, whole)).toBeNull();
      }),
      { numRuns: 10 },
    );
  });

  it('when it jumps, back or ahead', () => {
    const generator = make();
    const later = START_MS + 40 * SECOND_MS;
    const ahead = texts(generator.next(later, later + SECOND_MS));
    expect(difference(texts(generator.next(START_MS, START_MS + 3 * SECOND_MS)), whole)).toBeNull();
    const walked = make().next(START_MS, later + SECOND_MS);
    expect(difference(texts(walked.filter(({ timestampMs }) => timestampMs >= later)), ahead)).toBeNull();
  });

  it('wherever it was started, once requests from before the start are over', () => {
    const { startMs: _, ...open } = CALM;
    const fromMs = START_MS + 20 * SECOND_MS;
    const unbounded = createGenerator(open).next(fromMs, fromMs + SECOND_MS);
    expect(difference(texts(unbounded), texts(make().next(fromMs, fromMs + SECOND_MS)))).toBeNull();
  });
});

describe('in normal times', () => {
  const lines = make({ rate: 2000 }).next(START_MS, START_MS + 40 * SECOND_MS);

  it('the levels have the shares that were asked for, in every service', () => {
    const shares = { info: 0.7, warn: 0.15, error: 0.1, debug: 0.04, critical: 0.01 };
    const byService = group(lines, ({ service }) => service.name);
    const all = [lines, ...byService.values()];
    for (const some of all) {
      const levels = count(some, ({ template }) => template.level);
      for (const level of LEVELS) expect(levels[level] / some.length).toBeCloseTo(shares[level], 1.7);
    }
    expect(byService.size).toBe(5);
  });

  it('there are as many lines a second as were asked for', () => {
    expect(lines.length / 40 / 2000).toBeCloseTo(1, 1.5);
  });

  it('lines come in order of time, within the time asked', () => {
    const times = lines.map(({ timestampMs }) => timestampMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(START_MS);
    expect(times.at(-1)).toBeLessThan(START_MS + 40 * SECOND_MS);
  });

  it('every failure category is there, and no text that is held out or new', () => {
    const categories = count(lines, ({ template }) => template.category);
    expect(Object.keys(categories)).toHaveLength(13);
    expect(count(lines, ({ template }) => template.set)).toEqual({ usual: lines.length });
  });

  it('errors have codes and failing statuses, and good answers have neither', () => {
    const entries = lines.slice(0, 5000).map(entryOf);
    const wrong = entries.filter(({ severity, error_code, http_status }) => {
      const failed = severity >= 500;
      const refused = (http_status ?? 0) >= 400;
      return (
        (error_code !== null) !== failed ||
        (failed && http_status !== null && !refused) ||
        (severity <= 200 && refused)
      );
    });
    expect(wrong).toEqual([]);
  });

  it('a few users make many of the requests', () => {
    const users = lines.slice(0, 20_000).flatMap((line) => entryOf(line).user_id ?? []);
    const counts = new Map<string, number>();
    for (const user of users) counts.set(user, (counts.get(user) ?? 0) + 1);
    const sorted = [...counts.values()].sort((a, b) => b - a);
    expect(sorted.length).toBeGreaterThan(2000);
    expect(sorted.slice(0, 10).reduce((a, b) => a + b) / users.length).toBeGreaterThan(0.15);
  });
});

describe('a line of each service', () => {
  const lines = make().next(START_MS, START_MS + 20 * SECOND_MS);

  it.each(['api-gateway', 'auth', 'payment', 'inventory', 'user'])(
    '%s is read whole by the parser',
    (name) => {
      const own = lines.filter(({ service }) => service.name === name);
      const severities = { debug: 100, info: 200, warn: 400, error: 500, critical: 600 };
      const entries = own.map(entryOf);
      const read = entries.map((entry) => [entry.service, entry.severity, entry.timestamp]);
      expect(read).toEqual(
        own.map(({ template, timestampMs }) => [name, severities[template.level], timestampMs * 1000]),
      );
      expect(new Set(entries.map(({ instance }) => instance))).toEqual(new Set(own[0]!.service.instances));
      expect(entries.filter(({ message }) => message.length < 5 || /\{\w+\}|NaN/.test(message))).toEqual([]);
      const requests = entries.filter(({ trace_id }) => trace_id !== null);
      expect(requests.length).toBeGreaterThan(own.length / 2);
      const whole = {
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
        request_id: expect.stringMatching(/^req-/),
        user_id: expect.stringMatching(/^u_\d+$/),
        http_status: expect.any(Number),
        latency_ms: expect.any(Number),
      };
      expect(requests.slice(0, 500)).toMatchObject(requests.slice(0, 500).map(() => whole));
    },
  );

  it('a trace passes the gateway and the services behind it, the innermost done first', () => {
    const traces = group(lines, (line) => entryOf(line).trace_id);
    traces.delete(null);
    const long = [...traces.values()].filter(
      (trace) => trace.length > 1 && trace[0]!.timestampMs < START_MS + 9e3,
    );
    expect(long.length).toBeGreaterThan(500);
    const wrong = long.filter((trace) => {
      const gateway = trace.find(({ service }) => service.kind === 'api-gateway');
      const lastMs = Math.max(...trace.map(({ timestampMs }) => timestampMs));
      return gateway?.timestampMs !== lastMs || new Set(trace.map(({ template }) => template.level)).size > 1;
    });
    expect(wrong).toEqual([]);
  });
});

describe('options', () => {
  it('a mix of one’s own', () => {
    const mix = { debug: 0, info: 1, warn: 1, error: 0, critical: 0 };
    const levels = count(
      make({ mix }).next(START_MS, START_MS + 5 * SECOND_MS),
      ({ template }) => template.level,
    );
    expect(Object.keys(levels).sort()).toEqual(['info', 'warn']);
  });

  it('more services: kinds in turn, all of them heard', () => {
    const generator = make({ services: 200 });
    const lines = generator.next(START_MS, START_MS + 30 * SECOND_MS);
    expect(generator.services[7]).toMatchObject({ name: 'payment-2', kind: 'payment' });
    expect(new Set(lines.map(({ service }) => service.name)).size).toBe(200);
    expect(lines.length / 30_000).toBeCloseTo(1, 1);
  });

  it('services by name, also without a gateway', () => {
    const services = [{ name: 'billing', kind: 'payment' }] as const;
    const lines = make({ services }).next(START_MS, START_MS + 5 * SECOND_MS);
    expect(count(lines, (line) => entryOf(line).service)).toEqual({ billing: lines.length });
    expect(lines.length / 5000).toBeCloseTo(1, 1);
  });

  it('more lines by day than by night, and faster when time is compressed', () => {
    const day = make({ rhythm: 0.5, startMs: Date.UTC(2026, 10, 20, 15) });
    const at = (hour: number): number => {
      const fromMs = Date.UTC(2026, 10, 20, hour);
      return createGenerator({ ...CALM, startMs: fromMs, rhythm: 0.5 }).next(fromMs, fromMs + 5 * SECOND_MS)
        .length;
    };
    expect(at(15) / at(3)).toBeGreaterThan(2.5);
    const peak = day.next(Date.UTC(2026, 10, 20, 15), Date.UTC(2026, 10, 20, 15) + 5 * SECOND_MS).length;
    expect(peak / 5000).toBeCloseTo(1.5, 0.7);
    const afterHalfAMinute = (timeCompression: number): number => {
      const [before, after] = [0, 30_000].map((laterMs) => {
        const fromMs = Date.UTC(2026, 10, 20) + laterMs;
        const generator = createGenerator({ ...CALM, startMs: fromMs, rhythm: 0.9, timeCompression });
        return generator.next(fromMs, fromMs + 8 * SECOND_MS).length;
      });
      return after! / before!;
    };
    expect(Math.abs(afterHalfAMinute(1) - 1)).toBeLessThan(0.25);
    // From midnight to past eight in the morning.
    expect(afterHalfAMinute(1000)).toBeGreaterThan(2);
  });

  it('held-out texts alone', () => {
    const lines = make({ templates: 'held_out' }).next(START_MS, START_MS + 10 * SECOND_MS);
    expect(count(lines, ({ template }) => template.set)).toEqual({ held_out: lines.length });
  });

  it.each([
    [{ rate: 0 }, /rate: 0 is not allowed; allowed: lines per second above 0/],
    [{ seed: 1.5 }, /seed: 1.5 is not allowed/],
    [{ services: 0 }, /services: 0 is not allowed/],
    [{ services: [{ name: 'a b', kind: 'auth' as const }] }, /service name "a b" is not allowed/],
    [{ mix: { debug: 0, info: 0, warn: 0, error: 0, critical: 0 } }, /mix: .* is not allowed/],
    [{ rhythm: 2 }, /rhythm: 2 is not allowed/],
  ])('%j is refused with what is allowed', (options, message) => {
    expect(() => make(options)).toThrow(message);
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../../functions/ingest/failure.ts';
import type { LogEntry } from '../../../../functions/parse/log-entry.ts';
import { createParser } from '../../../../functions/parse/parse-record.ts';

interface Case {
  readonly what: string;
  readonly records: readonly string[];
  readonly events: readonly {
    readonly records: readonly number[];
    readonly severity: number;
    readonly message: string;
    readonly exception?: {
      readonly type: string;
      readonly frame: string | null;
      readonly cause: string | null;
    };
  }[];
}

const cases = JSON.parse(
  readFileSync(new URL('../../../cases/traces.json', import.meta.url), 'utf8'),
) as readonly Case[];

const parser = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 });
const contextOf = (index: number) => ({
  batchId: 'b',
  index,
  receivedAtUs: Date.parse('2026-11-21T10:00:00Z') * 1000,
  attributes: {},
  latin1: false,
});

const parse = (records: readonly string[]) =>
  parser.parseAll(records, contextOf).map(({ result, indices }) => {
    if (isFailure(result)) throw new Error(result.detail);
    return { entry: result, indices };
  });

const label = (entry: LogEntry, name: string): string | null =>
  ((JSON.parse(entry.labels) as Record<string, string>)[`exception.${name}`] ?? null) as string | null;

describe('the lines of a batch', () => {
  for (const { what, records, events } of cases) {
    it(`are joined to their events: ${what}`, () => {
      const parsed = parse(records);
      expect(parsed.map(({ indices }) => indices)).toEqual(events.map((event) => event.records));
      parsed.forEach(({ entry, indices }, i) => {
        const { severity, message, exception } = events[i]!;
        expect(entry).toMatchObject({ severity, message, insert_id: `b-${indices[0]}` });
        expect(label(entry, 'type')).toBe(exception?.type ?? null);
        expect(label(entry, 'frame')).toBe(exception?.frame ?? null);
        expect(label(entry, 'cause')).toBe(exception?.cause ?? null);
      });
    });
  }

  it('keep what their wrappers say otherwise than that of the first line', () => {
    const line = (log: string, extra: object) => JSON.stringify({ log, stream: 'stderr', ...extra });
    const [event, ...others] = parse([
      line('java.lang.IllegalStateException: no\n', { offset: 0, tag: 't' }),
      line('\tat a.B.c(B.java:1)\n', { offset: 36, tag: 't' }),
      line('\tat a.B.d(B.java:2)\n', { offset: 57, tag: 't', trace_id: 'abc' }),
    ]);
    expect(others).toEqual([]);
    expect(event!.entry.message.split('\n')).toHaveLength(3);
    expect(JSON.parse(event!.entry.labels)).toMatchObject({
      offset: 0,
      'logweir.joined': [{ offset: 36 }, { offset: 57, trace_id: 'abc' }],
    });
  });

  it('each end in exactly one event, in whatever order they come', () => {
    const line = fc.constantFrom(...cases.flatMap(({ records }) => records), 'x', '', '\tat a.b(C.java:1)');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (records) => {
        const indices = parser.parseAll(records, contextOf).flatMap((one) => one.indices);
        expect(indices.toSorted((a, b) => a - b)).toEqual(records.map((_, i) => i));
      }),
    );
  });

  it('of a trace without end are cut into events of bounded size, in linear time', () => {
    const records = [
      'java.lang.Error: x',
      ...Array.from({ length: 20_000 }, (_, i) => `\tat a.b.C(D.java:${i})`),
    ];
    const parsed = parse(records);
    expect(parsed.length).toBe(Math.ceil(records.length / 2000));
    expect(parsed.reduce((sum, { indices }) => sum + indices.length, 0)).toBe(records.length);
  });
});

describe('the fingerprint of an exception', () => {
  const trace = (message: string, line: number, frame = 'com.example.A.run') =>
    label(
      parse([
        `java.lang.IllegalStateException: ${message}`,
        `\tat ${frame}(A.java:${line})`,
        '\tat b.C.d(C.java:2)',
      ])[0]!.entry,
      'fingerprint',
    );

  it('is the same at another line and with another message', () => {
    expect(trace('order 1', 12)).toBe(trace('order 2', 48));
    expect(trace('x', 1, 'com.example.A$$Lambda$14/0x0000.run')).toBe(
      trace('x', 1, 'com.example.A$$Lambda$99/0x0001.run'),
    );
  });

  it('differs in another function', () => {
    expect(trace('x', 12)).not.toBe(trace('x', 12, 'com.example.A.stop'));
  });
});

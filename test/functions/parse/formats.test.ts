import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../functions/ingest/failure.ts';
import { createParser } from '../../../functions/parse/parse-record.ts';
import { printEntry } from '../../../functions/parse/print-entry.ts';

interface Format {
  /** The programs that print lines like these. */
  readonly from: string;
  readonly cases: readonly {
    readonly name: string;
    readonly input: string;
    /** Attributes of the message that brought it. */
    readonly attributes?: Readonly<Record<string, string>>;
    /** The entry as it is printed; fields that are not there are null. */
    readonly entry: Readonly<Record<string, unknown>>;
  }[];
}

/** Every input was published then. */
const RECEIVED = '2026-11-21T10:00:00.000Z';
const FOLDER = new URL('../../cases/formats/', import.meta.url);
const NULLS = {
  instance: null,
  http_status: null,
  latency_ms: null,
  error_code: null,
  trace_id: null,
  span_id: null,
  request_id: null,
  user_id: null,
};

const parser = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000, keepIdentity: true });

function print(input: string, attributes: Readonly<Record<string, string>> = {}): string {
  const receivedAtUs = Date.parse(RECEIVED) * 1000;
  const result = parser(input, { batchId: 'b', index: 0, receivedAtUs, attributes, latin1: false });
  if (isFailure(result)) throw new Error(result.detail);
  return printEntry(result);
}

for (const file of readdirSync(FOLDER)) {
  const { from, cases } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Format;
  describe(`lines of ${from} (${file})`, () => {
    it('are shown by twelve cases or more', () => expect(cases.length).toBeGreaterThanOrEqual(12));

    for (const { name, input, attributes, entry } of cases) {
      it(`are read: ${name}`, () => {
        const printed = print(input, attributes);
        const { pattern_id, anomaly_score, anomaly_reasons, ...fields } = JSON.parse(printed);
        expect(fields).toEqual({ insert_id: 'b-0', received_at: RECEIVED, ...NULLS, ...entry });
        expect(pattern_id).toMatch(/^[0-9a-z]{14}$/);
        expect(anomaly_score > 0).toBe(anomaly_reasons.length > 0);
        expect(print(printed)).toBe(printed);
      });
    }
  });
}

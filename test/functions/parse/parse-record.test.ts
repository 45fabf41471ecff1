import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../functions/ingest/failure.ts';
import { FIELD_OF } from '../../../functions/parse/fields.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { createParser } from '../../../functions/parse/parse-record.ts';

const PUBLISHED_US = Date.parse('2026-11-21T10:00:00Z') * 1000;
const parser = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 });
const context = { batchId: 'b', index: 3, receivedAtUs: PUBLISHED_US, attributes: {}, latin1: false };

const result = (record: unknown, attributes: Record<string, string> = {}) =>
  parser(typeof record === 'string' ? record : JSON.stringify(record), { ...context, attributes });
const entry = (...args: Parameters<typeof result>): LogEntry => {
  const made = result(...args);
  if (isFailure(made)) throw new Error(made.detail);
  return made;
};

describe('a JSON record', () => {
  it('of a service fills the fields of a log entry', () => {
    const read = entry({
      time: '2026-11-20T10:00:00.000Z',
      service: 'checkout',
      level: 'WARN',
      message: 'order 1000 completed for user u424',
      http_status: 503,
      latency_ms: 4050.5,
      trace_id: 'projects/p/traces/bec5d2',
      user_id: 424,
      cart: { items: 3 },
    });
    expect(read).toMatchObject({
      insert_id: 'b-3',
      timestamp: Date.parse('2026-11-20T10:00:00Z') * 1000,
      timestamp_source: 'time',
      service: 'checkout',
      severity: 400,
      http_status: 503,
      latency_ms: 4050.5,
      trace_id: 'bec5d2',
      user_id: '424',
      labels: '{"trace_project":"p","cart":{"items":3}}',
      anomaly_score: 60,
      anomaly_reasons: ['http_status', 'latency'],
      format: 'json',
    });
  });

  it('keeps what does not fit its field in labels, with its type', () => {
    const read = entry({ message: { a: 1 }, status: 'n/a', latency_ms: -5, time: 'soon', level: 'loud' });
    expect(read).toMatchObject({
      message: '',
      http_status: null,
      latency_ms: null,
      timestamp_source: 'publish',
      severity: 0,
    });
    expect(JSON.parse(read.labels)).toEqual({
      message: { a: 1 },
      status: 'n/a',
      latency_ms: -5,
      time: 'soon',
      level: 'loud',
    });
  });

  it('whose message is a text line takes time and level from it', () => {
    const read = entry({
      message: '2026-11-20 10:00:00,123 WARN [worker-0] com.example.Inventory - stock',
      fluentd_tag: 'app.web',
    });
    expect(read).toMatchObject({ severity: 400, timestamp_source: 'text', service: 'app.web' });
    expect(read.timestamp).toBe(Date.parse('2026-11-20T10:00:00.123Z') * 1000);
  });

  it('without a service takes that of the message, or is unknown', () => {
    expect(entry({ message: 'x' }, { service: 'auth' }).service).toBe('auth');
    expect(entry({ message: 'x' }).service).toBe('unknown');
  });

  it('with __proto__, constructor and duplicate keys changes no prototype', () => {
    const read = entry('{"__proto__":{"polluted":1},"constructor":2,"message":"a","message":"b"}');
    expect(read.message).toBe('b');
    expect(read.labels).toBe('{"__proto__":{"polluted":1},"constructor":2}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('keeps every digit of whole numbers that a double cannot hold, inside and out, and no others', () => {
    const read = entry(
      '{"message":"\\"1: 12345678901234567890\\"","id":12345678901234567890,"o":[-9007199254740993,9007199254740991,12345678901234567.5]}',
    );
    expect(read.message).toBe('"1: 12345678901234567890"');
    expect(read.labels).toBe(
      '{"id":"12345678901234567890","o":["-9007199254740993",9007199254740991,12345678901234568]}',
    );
  });

  it('nested 10,000 levels deep is refused with the limit', () => {
    const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    expect(result(deep)).toEqual({
      reason: 'too_deep',
      detail: 'JSON nested deeper than the allowed 100 levels',
    });
  });

  for (const time of ['0000-01-01T00:00:00Z', '99999-01-01T00:00:00Z', 1e40, null]) {
    it(`with the time ${JSON.stringify(time)} has that of its publishing, and says so`, () => {
      const read = entry({ time, message: 'x' });
      expect(read).toMatchObject({ timestamp: PUBLISHED_US, timestamp_source: 'publish' });
      expect(read.labels).toContain(JSON.stringify(time));
    });
  }
});

describe('an entry from a clock far ahead', () => {
  it('has the time of its publishing, and its claim as a label', () => {
    expect(entry({ time: '9999-12-31T23:59:59Z', message: 'x' })).toMatchObject({
      timestamp: PUBLISHED_US,
      timestamp_source: 'publish',
      labels: '{"logweir.future_timestamp":"9999-12-31T23:59:59.000Z"}',
    });
    expect(entry({ time: '2026-11-22T09:59:59Z', message: 'x' }).timestamp_source).toBe('time');
  });
});

describe('a text line', () => {
  for (const [line, severity, iso, message, format] of [
    [
      '17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered signal handlers',
      200,
      '2017-06-09T20:10:40Z',
      'Registered signal handlers',
      'log4j',
    ],
    [
      '081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 terminating',
      200,
      '2008-11-09T20:36:15Z',
      'PacketResponder 1 terminating',
      'log4j',
    ],
    [
      'Nov 20 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186',
      0,
      '2026-11-20T06:55:46Z',
      'Invalid user webmaster from 173.234.31.186',
      'syslog_rfc3164',
    ],
    ['[2026-11-20 10:00:00] [ERROR] disk full', 500, '2026-11-20T10:00:00Z', 'disk full', 'text'],
    [
      '2026-11-20T10:00:00Z app[1]: error: no such file',
      500,
      '2026-11-20T10:00:00Z',
      'error: no such file',
      'syslog_rfc3164',
    ],
  ] as const) {
    it(`"${line}" has its time, level and message`, () => {
      expect(entry(line)).toMatchObject({ severity, message, timestamp: Date.parse(iso) * 1000, format });
    });
  }

  it('that opens like JSON but is none is kept whole', () => {
    expect(entry('{"broken": ')).toMatchObject({ message: '{"broken": ', format: 'text' });
  });
});

describe('a format that is set for a service', () => {
  const set = createParser({
    maxDepth: 100,
    slowMs: 3000,
    maxFutureMs: 86_400_000,
    formats: { cart: 'text', unknown: 'text' },
  });
  const format = (text: string, service?: string): string => {
    const read = set(text, { ...context, attributes: service === undefined ? {} : { service } });
    if (isFailure(read)) throw new Error(read.detail);
    return read.format;
  };

  it('is used for its lines, and those of no service, and no others', () => {
    const line = 'level=info msg="a b" n=1';
    expect(format(line, 'cart')).toBe('text');
    expect(format(line)).toBe('text');
    expect(format(line, 'shop')).toBe('logfmt');
  });

  it('is used for what a wrapper of the service carries', () => {
    const wrapped = (app: string) =>
      JSON.stringify({ log: 'level=info msg="a b" n=1', kubernetes: { labels: { app } }, stream: 'stdout' });
    expect(format(wrapped('cart'))).toBe('kubernetes');
    expect(format(wrapped('shop'))).toBe('kubernetes/logfmt');
  });
});

describe('any record', () => {
  it('ends as one entry or one failure, and nothing of a JSON record is lost', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          json,
          fc.string().map((text) => `{${text}`),
        ),
        (text) => {
          const made = entry(text);
          if (made.format === 'text') expect(made.message).toBe(text);
          else {
            const kept = JSON.parse(made.labels) as object;
            for (const key of Object.keys(JSON.parse(text) as object)) {
              expect(Object.hasOwn(kept, key) || FIELD_OF.has(key)).toBe(true);
            }
          }
        },
      ),
    );
  });
});

describe('the pattern of a message', () => {
  const pattern = (message: string) => entry({ message }).pattern_id;

  it('is one for messages that differ in numbers and ids only', () => {
    expect(pattern('order 1000 completed for user u424 from 10.0.0.1')).toBe(
      pattern('order 7 completed for user u1 from 10.0.0.255'),
    );
  });

  it('differs where the words differ', () => {
    expect(pattern('order 1 completed')).not.toBe(pattern('order 1 refused'));
  });
});

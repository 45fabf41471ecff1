import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../functions/ingest/batch.ts';
import { isFailure } from '../../../functions/ingest/failure.ts';
import { createParser } from '../../../functions/parse/parse-record.ts';
import { parseRecordsOf } from '../../../functions/parse/parse-records.ts';
import { redactedBytes, redactedMessage } from '../../../functions/parse/redact/raw.ts';

const parser = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 });

const batchOf = (data: Buffer) => {
  const message = {
    data,
    attributes: { to: 'a@example.com' },
    messageId: '1',
    publishTimeUs: 1_795_255_200_000_000,
  };
  const batch = readBatch(message, { maxUnpackedBytes: 1024 * 1024 });
  if (isFailure(batch)) throw new Error(batch.detail);
  return batch;
};

describe('the records of a batch', () => {
  it('that are one event become one entry with the identity of the first', () => {
    const batch = batchOf(
      Buffer.from('2026-11-20 10:00:00 ERROR x\njava.lang.Error: y\n\tat a.b.C(D.java:1)\nz'),
    );
    expect(parseRecordsOf(batch, parser, 1024)).toMatchObject([
      { indices: [0, 1, 2], result: { insert_id: `${batch.id}-0`, severity: 500 } },
      { indices: [3], result: { insert_id: `${batch.id}-3`, message: 'z' } },
    ]);
  });

  it('above the allowed size are refused, and the others keep their places', () => {
    const batch = batchOf(Buffer.from(`a\n${'x'.repeat(2000)}\nb`));
    expect(parseRecordsOf(batch, parser, 1024)).toMatchObject([
      { indices: [0], result: { message: 'a' } },
      { indices: [2], result: { message: 'b', insert_id: `${batch.id}-2` } },
      { indices: [1], result: { reason: 'too_large', detail: 'record of 2000 bytes; allowed: 1024' } },
    ]);
  });
});

describe('what is stored beside entries', () => {
  it('has no secrets in its bytes, and every other byte as it was', () => {
    const raw = Buffer.from([...Buffer.from('password=x a@example.com '), 0xfc, 0x00, 0xff]);
    expect([...redactedBytes(raw, parser)]).toEqual([
      ...Buffer.from('password=[secret] [email] '),
      0xfc,
      0x00,
      0xff,
    ]);
  });

  it('is left alone where it is compressed', () => {
    const raw = Buffer.from([0x1f, 0x8b, ...Buffer.from(' a@example.com'), 0xff]);
    expect(redactedBytes(raw, parser)).toBe(raw);
  });

  it('has no secrets in the attributes of its message', () => {
    expect(redactedMessage(batchOf(Buffer.from('a')).message, parser).attributes).toEqual({ to: '[email]' });
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, type BatchFailure, readBatch } from '../../../functions/ingest/batch.ts';
import { isFailure } from '../../../functions/ingest/failure.ts';
import { recordBytes } from '../../../functions/ingest/split.ts';

const LIMITS = { maxUnpackedBytes: 64 * 1024 * 1024 };
const ZLIB = { compression_algorithm: 'zlib' };

function read(
  data: Buffer | string,
  attributes: Record<string, string> = {},
  messageId = '1',
  limits = LIMITS,
) {
  return readBatch({ data: Buffer.from(data as string), attributes, messageId, publishTimeUs: 0 }, limits);
}

function batch(...args: Parameters<typeof read>): Batch {
  const result = read(...args);
  if (isFailure(result)) throw new Error(result.detail);
  return result as Batch;
}

const failure = (...args: Parameters<typeof read>): BatchFailure => read(...args) as BatchFailure;

interface FluentdCase {
  readonly case: string;
  readonly input: readonly string[];
  readonly messages: readonly { messageId: string; data: string; attributes: Record<string, string> }[];
}

const FLUENTD = new URL('../../cases/fluentd/', import.meta.url);

describe('messages that a real Fluentd published', () => {
  for (const file of readdirSync(FLUENTD)) {
    const recorded = JSON.parse(readFileSync(new URL(file, FLUENTD), 'utf8')) as FluentdCase;
    it(`${recorded.case}: each of the ${recorded.input.length} records is there, once, whole`, () => {
      const records = recorded.messages.flatMap((message) => {
        const { records: found } = batch(
          Buffer.from(message.data, 'base64'),
          message.attributes,
          message.messageId,
        );
        return found.texts.map((text) => ({ ...(JSON.parse(text) as object), ...message.attributes }));
      });
      expect(records).toHaveLength(recorded.input.length);
      const messages = (lines: readonly unknown[]) =>
        lines.map((line) => (line as { message: string }).message).sort();
      const sent = recorded.input.map((line) =>
        line.startsWith('{') ? JSON.parse(line) : { message: line },
      );
      expect(messages(records)).toEqual(messages(sent));
    });
  }

  it('keep their ids when they are published again under a new message id', () => {
    const recorded = JSON.parse(readFileSync(new URL('gc-batches.json', FLUENTD), 'utf8')) as FluentdCase;
    const { data, attributes } = recorded.messages[0]!;
    const bytes = Buffer.from(data, 'base64');
    expect(batch(bytes, attributes, '77').id).toBe(batch(bytes, attributes, '78').id);
  });
});

describe('the identity of a batch', () => {
  it('is the message id for a single bare record: two identical lines are two events', () => {
    expect(batch('{"a":1}', {}, '7').id).not.toBe(batch('{"a":1}', {}, '8').id);
  });

  it('is the message id for one record that was compressed by itself without being declared a batch', () => {
    const data = gzipSync('{"a":1}\n');
    expect(batch(data, {}, '7').id).not.toBe(batch(data, {}, '8').id);
  });

  it('is the content for several records, and for a declared batch of one', () => {
    expect(batch('{"a":1}\n{"a":2}\n', {}, '7').id).toBe(batch('{"a":1}\n{"a":2}\n', {}, '8').id);
    const one = deflateSync('{"a":1}\n');
    expect(batch(one, ZLIB, '7').id).toBe(batch(one, ZLIB, '8').id);
  });

  it("is the shipper's own where it gives one that fits", () => {
    expect(batch('x', { 'logweir-batch-id': 'host-1:file:4096' }).id).toBe('host-1:file:4096');
    expect(batch('x', { 'logweir-batch-id': 'no good/../id' }, '9').id).toBe('m9');
  });
});

describe('framings', () => {
  it('lines of white space are no records, and line ends are cut off', () => {
    expect(batch('a\r\n\r\n  \n\tb\n\n').records.texts).toEqual(['a', '\tb']);
  });

  it('a JSON document over several lines is one record', () => {
    expect(batch('{\n "a": 1\n}\n').records.texts).toEqual(['{\n "a": 1\n}']);
  });

  it('a record that is not UTF-8 is read as latin1, its neighbours as UTF-8, and no byte is lost', () => {
    const bytes = Buffer.concat([Buffer.from('grün\n'), Buffer.from([0x67, 0x72, 0xfc, 0x6e, 0x0a])]);
    const { records } = batch(bytes);
    expect(records.texts).toEqual(['grün', 'grün']);
    expect([...records.latin1!]).toEqual([1]);
    expect(recordBytes(records, 1)).toEqual(Buffer.from([0x67, 0x72, 0xfc, 0x6e]));
  });

  it('a NUL stays', () => {
    expect(batch('a\0b').records.texts).toEqual(['a\0b']);
  });

  it('every record comes back byte by byte, whatever the bytes', () => {
    const record = fc
      .uint8Array({ minLength: 1, maxLength: 40 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a && byte !== 0x0d && byte !== 0x1e)))
      .filter((bytes) => /[^ \t\v\f]/.test(bytes.toString('latin1')));
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (lines) => {
        const data = deflateSync(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n\x1e')])));
        const { records } = batch(data, ZLIB);
        expect(records.texts.map((_, i) => recordBytes(records, i).toString('hex'))).toEqual(
          lines.map((line) => line.toString('hex')),
        );
      }),
    );
  });
});

describe('a message that cannot be read is a failure that says why', () => {
  const packed = deflateSync(Buffer.from('{"a":1}\n'.repeat(1000)));

  it('a stream that is cut off', () => {
    expect(failure(packed.subarray(0, packed.length - 9), ZLIB)).toMatchObject({ reason: 'truncated' });
  });

  it('a stream that is corrupt', () => {
    const corrupt = Buffer.from(packed);
    corrupt.fill(0xff, 2, 12);
    expect(failure(corrupt, ZLIB)).toMatchObject({ reason: 'corrupt' });
  });

  it('a decompression bomb, without unpacking it', () => {
    const bomb = deflateSync(Buffer.alloc(50 * 1024 * 1024));
    const result = failure(bomb, ZLIB, '1', { maxUnpackedBytes: 1024 * 1024 });
    expect(result).toMatchObject({ reason: 'bomb' });
    expect(result.detail).toContain('more than the allowed 1048576');
  });

  it('a compression that nobody declared', () => {
    expect(failure('x', { compression_algorithm: 'lz4' })).toMatchObject({ reason: 'unknown_compression' });
  });

  it('a plain message above the bound', () => {
    expect(failure('x'.repeat(2000), {}, '1', { maxUnpackedBytes: 1024 })).toMatchObject({
      reason: 'too_large',
    });
  });
});

it('a record stands where its batch says, character for character, unless others near it are not ASCII', () => {
  const { texts, bytes, offsets, latin1 } = batch(`\r\n${'{"a":1}\r\n'.repeat(3000)}{"b":"ä"}\n`).records;
  expect(texts).toHaveLength(3001);
  expect(texts.at(-1)).toBe('{"b":"ä"}');
  expect(offsets.at(-1)).toBe(-1);
  expect(offsets[0]).toBe(2);
  for (let i = 0; i < 1000; i++) expect(bytes.toString('latin1', offsets[i], offsets[i]! + 7)).toBe(texts[i]);
  expect(latin1).toBeNull();
});

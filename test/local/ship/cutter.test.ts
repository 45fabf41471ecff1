import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../functions/ingest/batch.ts';
import { isFailure } from '../../../functions/ingest/failure.ts';
import { type Cut, type CutLimits, Cutter } from '../../../local/ship/cutter.ts';

const LIMITS: CutLimits = { maxLines: 1000, maxBytes: 1_000_000, maxLineBytes: 48 * 2 ** 20 };

function cut(chunks: readonly (string | Buffer)[], limits: Partial<CutLimits> = {}): Cut[] {
  const cutter = new Cutter({ ...LIMITS, ...limits });
  return [...chunks.flatMap((chunk) => cutter.push(Buffer.from(chunk as string))), ...cutter.end()];
}

const shape = (cuts: readonly Cut[]) =>
  cuts.map(({ offset, bytes, lines, blank }) => [offset, bytes?.toString() ?? null, lines, blank]);

describe('cutting a file into batches', () => {
  it('ends a batch at so many lines', () => {
    expect(shape(cut(['a\nb\nc\n'], { maxLines: 2 }))).toEqual([
      [0, 'a\nb\n', 2, 0],
      [4, 'c\n', 1, 0],
    ]);
  });

  it('ends a batch before it grows beyond so many bytes', () => {
    expect(shape(cut(['aaa\nbbb\nccc\n'], { maxBytes: 9 }))).toEqual([
      [0, 'aaa\nbbb\n', 2, 0],
      [8, 'ccc\n', 1, 0],
    ]);
  });

  it('makes a longer line a batch of its own', () => {
    expect(shape(cut(['a\n', 'bbbbb', 'bbbbb', '\nc\n'], { maxBytes: 6 }))).toEqual([
      [0, 'a\n', 1, 0],
      [2, 'bbbbbbbbbb\n', 1, 0],
      [13, 'c\n', 1, 0],
    ]);
  });

  it('passes over a line that is too long to be shipped, and says where it stands', () => {
    expect(cut(['a\nbbbb', 'bbbb', 'bb\nc\n'], { maxLineBytes: 6 })).toMatchObject([
      { offset: 0, size: 2, lines: 1 },
      { offset: 2, size: 11, bytes: null, lines: 1 },
      { offset: 13, size: 2, lines: 1 },
    ]);
  });

  it('passes over a too long last line without a newline', () => {
    expect(cut(['bbbb', 'bbbb'], { maxLineBytes: 6 })).toMatchObject([{ offset: 0, size: 8, bytes: null }]);
  });

  it('takes a last line without newline, and keeps CRLF as it is', () => {
    expect(shape(cut(['a\r\nb\r\nc']))).toEqual([[0, 'a\r\nb\r\nc', 3, 0]]);
  });

  it('counts lines of white space as empty', () => {
    expect(shape(cut(['\n \t\r\n\v\f\n', 'x\n \0\n']))).toEqual([[0, '\n \t\r\n\v\f\nx\n \0\n', 2, 3]]);
  });

  it('cuts nothing from nothing', () => {
    expect(cut([])).toEqual([]);
    expect(cut([''])).toEqual([]);
  });

  it('holds back a line that is not whole until the end', () => {
    const cutter = new Cutter(LIMITS, 100);
    expect(cutter.push(Buffer.from('a\nb'))).toEqual([]);
    expect(shape(cutter.flush())).toEqual([[100, 'a\n', 1, 0]]);
    expect(cutter.flush()).toEqual([]);
    expect(cutter.offset).toBe(102);
    cutter.push(Buffer.from('b\n'));
    expect(shape(cutter.flush())).toEqual([[102, 'bb\n', 1, 0]]);
  });
});

const fileBytes = fc
  .array(fc.constantFrom('\n', '\r\n', ' ', '\t', 'a', 'bcd', 'é', '\x00', '\xff', 'e'.repeat(30)), {
    maxLength: 80,
  })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));
const limits = fc.record({
  maxLines: fc.integer({ min: 1, max: 6 }),
  maxBytes: fc.integer({ min: 1, max: 60 }),
  maxLineBytes: fc.integer({ min: 1, max: 80 }),
});

/** The bytes in chunks of these sizes. */
function chunked(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe('whatever the file and the limits', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });

  it('the cuts cover the file, without gap or overlap, in bounds', () => {
    fc.assert(
      fc.property(fileBytes, limits, sizes, (bytes, bounds, chunkSizes) => {
        let at = 0;
        for (const one of cut(chunked(bytes, chunkSizes), bounds)) {
          expect(one.offset).toBe(at);
          if (one.bytes) expect(one.bytes.equals(bytes.subarray(at, at + one.size))).toBe(true);
          else expect(one.size).toBeGreaterThan(bounds.maxLineBytes);
          expect(one.lines + one.blank).toBeLessThanOrEqual(bounds.maxLines);
          if (one.lines + one.blank > 1) expect(one.size).toBeLessThanOrEqual(bounds.maxBytes);
          at += one.size;
        }
        expect(at).toBe(bytes.length);
      }),
    );
  });

  it('they are the same for chunks of any size', () => {
    fc.assert(
      fc.property(fileBytes, limits, sizes, (bytes, bounds, chunkSizes) => {
        expect(cut(chunked(bytes, chunkSizes), bounds)).toEqual(cut([bytes], bounds));
      }),
    );
  });

  it('the ingest finds as many records in a batch as it has lines', () => {
    fc.assert(
      fc.property(fileBytes, limits, (bytes, bounds) => {
        for (const { bytes: data, lines } of cut([bytes], bounds)) {
          if (data === null) continue;
          const message = { data, attributes: {}, messageId: '1', publishTimeUs: 0 };
          const batch = readBatch(message, { maxUnpackedBytes: 1 << 20 });
          expect(isFailure(batch) ? batch : batch.records.texts.length).toBe(lines);
        }
      }),
    );
  });
});

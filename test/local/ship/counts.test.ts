import { describe, expect, it } from 'vitest';
import { formatBytes, newCounts, progressLine, summaryLine } from '../../../local/ship/counts.ts';

describe('what the user is told', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [20 * 2 ** 20, '20 MiB'],
    [2 ** 50, '1024 TiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('while it goes on, how far and how fast', () => {
    const counts = { ...newCounts(), lines: 12_000, bytes: 3_000_000 };
    expect(progressLine(counts, 2000)).toBe('12,000 lines, 2.9 MiB, 6,000 lines/s');
  });

  it('at the end, everything that was shipped, and what was not', () => {
    const counts = { lines: 1, bytes: 5, packedBytes: 25, batches: 1, backfill: 0, blank: 0, tooLong: 0 };
    expect(summaryLine(counts, 1, 100)).toBe(
      'shipped 1 line (5 B) of 1 file in 1 batch (25 B compressed) in 0.1 s',
    );
    expect(summaryLine({ ...counts, lines: 2, backfill: 1, blank: 3, tooLong: 1 }, 2, 100)).toBe(
      'shipped 2 lines (5 B) of 2 files in 1 batch (25 B compressed) in 0.1 s; 1 batch marked as backfill; 3 empty lines skipped; 1 line too long to ship',
    );
  });
});

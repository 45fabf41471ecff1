/** What was done, in numbers, and how the user is told. */

/** Counts of one run, over all files. */
export interface Counts {
  /** Lines that Pub/Sub has taken. */
  lines: number;
  /** Their bytes, as in the file. */
  bytes: number;
  /** The same compressed, as published. */
  packedBytes: number;
  batches: number;
  /** Batches that were marked as backfill. */
  backfill: number;
  /** Lines without text: nothing to ship. */
  blank: number;
  /** Lines that no message can hold; each was reported. */
  tooLong: number;
}

export const newCounts = (): Counts => ({
  lines: 0,
  bytes: 0,
  packedBytes: 0,
  batches: 0,
  backfill: 0,
  blank: 0,
  tooLong: 0,
});

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,234` or `12`. */
export const formatCount = (count: number): string => whole.format(count);

/** `0 B`, `1.4 KiB`, `23 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${unit === 0 || size >= 10 ? size.toFixed(0) : size.toFixed(1)} ${units[unit]}`;
}

/** The line that shows the way so far. */
export function progressLine(counts: Counts, elapsedMs: number): string {
  const perSecond = (counts.lines * 1000) / Math.max(1, elapsedMs);
  return `${formatCount(counts.lines)} lines, ${formatBytes(counts.bytes)}, ${formatCount(perSecond)} lines/s`;
}

/** The last line. */
export function summaryLine(counts: Counts, files: number, elapsedMs: number): string {
  const parts = [
    `shipped ${some(counts.lines, 'line')} (${formatBytes(counts.bytes)}) of ${some(files, 'file')}`,
    `in ${some(counts.batches, 'batch', 'batches')} (${formatBytes(counts.packedBytes)} compressed)`,
    `in ${(elapsedMs / 1000).toFixed(1)} s`,
  ];
  const notes = [
    counts.backfill > 0 ? `${some(counts.backfill, 'batch', 'batches')} marked as backfill` : '',
    counts.blank > 0 ? `${some(counts.blank, 'empty line')} skipped` : '',
    counts.tooLong > 0 ? `${some(counts.tooLong, 'line')} too long to ship` : '',
  ].filter((note) => note !== '');
  return [parts.join(' '), ...notes].join('; ');
}

const some = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

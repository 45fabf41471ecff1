/** What tiering says: instead of running, day by day, and at its end. Pure. */
import type { HotDay, MovedDay, Tiered } from '../../functions/archive/tier.ts';
import { formatDuration } from '../../functions/setting-kinds.ts';
import { formatBytes, formatCount } from '../ship/counts.ts';

/** Which days would move. */
export function planLines(days: readonly HotDay[], tierAfterMs: number): string[] {
  const rows = days.reduce((sum, day) => sum + day.rows, 0);
  const age = formatDuration(tierAfterMs);
  if (days.length === 0) return [`no day of log_entries ended more than ${age} ago`];
  return [
    ...days.map((one) => `${one.day}  ${formatCount(one.rows)} rows`),
    `would move ${count(days.length, 'day')} that ended more than ${age} ago: ${formatCount(rows)} rows`,
  ];
}

/** A day that is done. */
export const dayLine = ({ day, number, days, rows, files, bytes }: MovedDay): string =>
  `${number}/${days}  ${day}  ${formatCount(rows)} rows to ${count(files, 'file')}, ${formatBytes(bytes)}`;

/** The end of a run. */
export function doneLine({ days, rows, files, bytes }: Tiered, ms: number): string {
  if (days === 0) return 'nothing to move';
  const perSecond = formatCount((rows * 1000) / Math.max(1, ms));
  return `moved ${count(days, 'day')}, ${count(rows, 'row')} to ${count(files, 'file')} (${formatBytes(bytes)}) in ${(ms / 1000).toFixed(1)} s, ${perSecond} rows/s`;
}

const count = (n: number, one: string): string => `${formatCount(n)} ${n === 1 ? one : `${one}s`}`;

/** What a replay says: while it runs, at its end, and instead of running. Pure. */
import type { Span } from '../../functions/archive/archive.ts';
import type { Plan } from '../../functions/archive/plan.ts';
import type { Progress, ReplayReport } from '../../functions/archive/replay.ts';
import { formatBytes, formatCount } from '../ship/counts.ts';

const BAR = 24;

/** `2026-11-20T10:00:00.000Z to …`. */
const spanText = ({ fromMs, toMs }: Span): string =>
  `${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;

/** One line of a terminal. */
export function progressLine({ bytesDone, bytes, files, filesDone, entries }: Progress, ms: number): string {
  const share = bytes === 0 ? 0 : bytesDone / bytes;
  const full = Math.round(share * BAR);
  const bar = '█'.repeat(full) + '░'.repeat(BAR - full);
  const perSecond = (entries * 1000) / Math.max(1, ms);
  return `${bar} ${Math.floor(share * 100)} %  ${filesDone}/${files} files, ${formatBytes(bytesDone)}, ${formatCount(entries)} entries, ${formatCount(perSecond)}/s`;
}

/** The counts at the end. */
export function reportLines(
  { span, read, duplicates, written, restored, damaged }: ReplayReport,
  ms: number,
): string[] {
  const perSecond = formatCount((read.records * 1000) / Math.max(1, ms));
  const left = [
    written.open > 0 ? `${count(written.open, 'window')} not over yet` : '',
    written.short > 0
      ? `${count(written.short, 'window')} left alone, because the archive holds less of them than was counted`
      : '',
  ].filter((text) => text !== '');
  return [
    `replayed  ${spanText(span)}`,
    `read      ${count(read.files, 'file')} (${formatBytes(read.bytes)}), ${count(read.messages, 'message')}, ${count(read.records, 'line')}, ${perSecond} lines/s`,
    `entries   ${formatCount(read.entries)}; ${count(read.dead, 'dead letter')}, ${formatCount(read.refused)} refused by BigQuery; ${count(duplicates, 'repeated batch', 'repeated batches')} dropped`,
    `windows   ${formatCount(written.windows)} written in ${count(written.rows, 'row')}${left.map((text) => `; ${text}`).join('')}`,
    `rows      ${formatCount(restored)} missing in log_entries, appended`,
    ...damaged.map(({ file, why }) => `damaged   ${file}, left out: ${why}`),
    `in ${(ms / 1000).toFixed(1)} s`,
  ];
}

/** What it would read. */
export function planLines({
  span,
  files,
  bytes,
  messages,
  sampled,
  windows,
  standing,
  damaged,
}: Plan): string[] {
  const about =
    sampled < files
      ? `about ${count(messages, 'message')} (counted in ${sampled})`
      : count(messages, 'message');
  return [
    `would replay  ${spanText(span)}`,
    `would read    ${count(files, 'file')} (${formatBytes(bytes)}), ${about}`,
    `windows       ${formatCount(windows)} in the span, ${formatCount(standing)} of them with rows`,
    ...damaged.map((file) => `damaged       ${file}`),
  ];
}

const count = (n: number, one: string, more = `${one}s`): string =>
  `${formatCount(n)} ${n === 1 ? one : more}`;

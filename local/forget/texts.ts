/** What `forget` says: counts and dates, never a row. Pure. */
import type { Forgotten, UserRows } from '../../functions/archive/forget.ts';
import { formatCount } from '../ship/counts.ts';

/** Files of the raw archive, and when the last of them is deleted by its age, in ms since the epoch. */
export interface RawFiles {
  readonly files: number;
  readonly goneMs: number;
}

const LABELS: readonly (readonly [what: keyof Omit<UserRows, 'received'>, label: string])[] = [
  ['hot', 'log_entries'],
  ['cold', 'cold tier'],
  ['late', 'late_entries'],
  ['examples', 'patterns (examples)'],
  ['mentions', 'entries of others that name the id'],
  ['deadLetters', 'dead_letters that name the id'],
  ['notes', 'alerts and feedback that name the id'],
];

const WIDTH = 40;

/** Instead of deleting. */
export function foundLines(found: UserRows, raw: RawFiles | null, mentions: boolean): string[] {
  return [
    `${'found'.padEnd(WIDTH)}rows`,
    ...LABELS.map(([what, label]) => `  ${label.padEnd(WIDTH - 2)}${formatCount(found[what])}`),
    ...remaining(found, raw, mentions),
    'nothing was deleted; --yes deletes',
  ];
}

/** After it. */
export function reportLines(
  { found, left, cold, refused }: Forgotten,
  raw: RawFiles | null,
  mentions: boolean,
): string[] {
  const row = (label: string, ...cells: readonly string[]): string =>
    `${label.padEnd(WIDTH)}${cells.map((cell) => cell.padStart(10)).join('')}`;
  return [
    row('rows', 'found', 'deleted', 'left'),
    ...LABELS.map(([what, label]) =>
      row(
        `  ${label}`,
        formatCount(found[what]),
        formatCount(Math.max(0, found[what] - left[what])),
        formatCount(left[what]),
      ),
    ),
    `cold files replaced: ${formatCount(cold.filesReplaced)}, of ${formatCount(cold.days)} days`,
    ...(refused
      ? [
          'BigQuery does not delete rows of the last minutes: run this again in an hour and a half for those that are left',
        ]
      : []),
    ...remaining(left, raw, mentions),
  ];
}

/** What a deletion does not reach, and until when. */
function remaining(rows: UserRows, raw: RawFiles | null, mentions: boolean): string[] {
  return [
    'remains:',
    raw === null || raw.files === 0
      ? '  raw archive: no file of the time in which entries of the user came'
      : `  raw archive: ${formatCount(raw.files)} files of that time hold messages as they came, until ${day(raw.goneMs)} at the latest (LOGWEIR_RETENTION); a replay brings no row back`,
    ...(!mentions && rows.mentions + rows.deadLetters > 0
      ? ['  what others logged about the id, and dead letters: --mentions deletes these']
      : []),
    ...(rows.notes > 0 ? ['  alerts and feedback that name the id: to be looked at by a person'] : []),
    '  Pub/Sub: messages not yet acknowledged, 7 days at most',
    '  on Google Cloud: time travel and fail-safe of BigQuery, 14 days; soft delete of Cloud Storage, 7 days by default',
  ];
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

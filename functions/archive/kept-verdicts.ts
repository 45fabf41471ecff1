/**
 * The verdicts that stand in the rows of windows, kept by a replay: a verdict is what was said when the window closed,
 * from the baselines and models of that moment, and alerts were sent for it. A replay counts again and does not judge
 * again; a window that had no row has no verdict.
 */
import type { Column, Table, Value } from '../warehouse/table.ts';
import type { WindowRow } from '../warehouse/window-tables.ts';

/** Columns of service_windows that a verdict fills, with their expression where that is not the column itself. */
const VERDICT_COLUMNS: Readonly<Record<string, string>> = {
  verdict: 'verdict',
  verdict_score: 'verdict_score',
  decided_by: 'decided_by',
  forest_score: 'forest_score',
  failure_probability: 'failure_probability',
  new_pattern_errors: 'new_pattern_errors',
  category: 'category',
  explanation: 'IF(explanation IS NULL, NULL, TO_JSON_STRING(explanation)) AS explanation',
};

export type Verdict = Readonly<Record<string, Value>>;
/** By `keyOf`. */
export type Verdicts = ReadonlyMap<string, Verdict>;

export const keyOf = (service: string, startMs: number): string => `${startMs} ${service}`;

/** Asks for the verdicts of rows whose windows start in a span. */
export const VERDICTS = `
  SELECT service, UNIX_MILLIS(window_start) AS start, ${Object.values(VERDICT_COLUMNS).join(', ')}
  FROM service_windows
  WHERE job = @job AND decided_by IS NOT NULL
    AND window_start >= TIMESTAMP_MILLIS(@from) AND window_start < TIMESTAMP_MILLIS(@to)`;

/** Whether rows of a table have verdicts. */
export const hasVerdicts = ({ columns }: Table<never>): boolean =>
  columns.some(({ name }) => name in VERDICT_COLUMNS);

/** The table with the verdicts that stood instead of those of its rows. */
export function keepingVerdicts<Row extends WindowRow<unknown>>(
  table: Table<Row>,
  verdicts: Verdicts,
): Table<Row> {
  const kept = (column: Column<Row>): Column<Row> =>
    column.name in VERDICT_COLUMNS
      ? { ...column, get: ({ key, start }) => verdicts.get(keyOf(key, start))?.[column.name] ?? null }
      : column;
  return { ...table, columns: table.columns.map(kept) };
}

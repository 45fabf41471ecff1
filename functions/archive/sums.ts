/** Count and checksums of rows, as tier-sql.ts asks for them: sums, so that those of parts add up to those of the whole. */
import type { ResultRow } from './statements.ts';

export interface Sums {
  readonly rows: number;
  readonly sums: readonly [string, string];
}

/** Of the one row that the statement of tier-sql.ts gives. */
export function sumsOf([row]: readonly ResultRow[]): { rows: number; sums: [string, string] } {
  return { rows: Number(row?.n), sums: [String(row?.sum_a), String(row?.sum_b)] };
}

/** What is left of `a` without `b`. */
export const without = (a: Sums, b: Sums): { rows: number; sums: [string, string] } => ({
  rows: a.rows - b.rows,
  sums: [String(BigInt(a.sums[0]) - BigInt(b.sums[0])), String(BigInt(a.sums[1]) - BigInt(b.sums[1]))],
});

export const sameSums = (a: Sums, b: Sums): boolean => a.rows === b.rows && String(a.sums) === String(b.sums);

/**
 * Rows of the table `patterns`: what was counted since the last run, added to the rows that are there. Pure.
 * A pattern is rare while it has at most two entries or fewer than one in ten thousand.
 */
import type { Severity } from '../severity.ts';
import type { Catalogue } from './catalogue.ts';
import { maskedPattern } from './masked.ts';
import { textOf } from './template.ts';

const MAX_SERVICES = 10;
const NEW_US = 86_400_000_000;
const RARE_ENTRIES = 2;
const RARE_SHARE = 1 / 10_000;

/** What arrived of one pattern in a stretch of time. Times in µs since the epoch. */
export interface PatternCount {
  readonly pattern_id: string;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly entries: number;
  readonly services: readonly string[];
  readonly severity_number: Severity;
  readonly example: string;
}

/** A row of `patterns`. Times in µs since the epoch. */
export interface PatternRow extends PatternCount {
  readonly template: string;
  readonly merged_into: string | null;
  readonly learned: boolean;
  readonly first_revision: number | null;
  readonly is_new: boolean;
  readonly is_rare: boolean;
  readonly counted_until: number;
  readonly updated_at: number;
}

export interface PatternRun {
  readonly catalogue: Catalogue;
  /** End of the stretch of arrival times that was counted. */
  readonly untilUs: number;
  readonly nowUs: number;
  /** All entries ever counted, this stretch included. */
  readonly allEntries: number;
}

/** The rows to write: every pattern of `counts`, with what `before` has of it added. */
export function patternRows(
  counts: readonly PatternCount[],
  before: ReadonlyMap<string, PatternCount>,
  run: PatternRun,
): PatternRow[] {
  const learned = new Map(run.catalogue.patterns.map((pattern) => [pattern.id, pattern]));
  return counts.map((count) => {
    const sum = added(count, before.get(count.pattern_id));
    const pattern = learned.get(count.pattern_id);
    return {
      ...sum,
      template: pattern === undefined ? maskedPattern(sum.example).template : textOf(pattern),
      merged_into: run.catalogue.retired[count.pattern_id] ?? null,
      learned: pattern !== undefined,
      first_revision: pattern?.since ?? null,
      is_new: sum.first_seen > run.nowUs - NEW_US,
      is_rare: sum.entries <= RARE_ENTRIES || sum.entries < run.allEntries * RARE_SHARE,
      counted_until: run.untilUs,
      updated_at: run.nowUs,
    };
  });
}

function added(count: PatternCount, before: PatternCount | undefined): PatternCount {
  if (before === undefined) return count;
  return {
    ...count,
    first_seen: Math.min(count.first_seen, before.first_seen),
    last_seen: Math.max(count.last_seen, before.last_seen),
    entries: count.entries + before.entries,
    services: [...new Set([...before.services, ...count.services])].sort().slice(0, MAX_SERVICES),
    severity_number: Math.max(count.severity_number, before.severity_number) as Severity,
    example: before.example,
  };
}

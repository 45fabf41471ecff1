/**
 * Which patterns of errors a service is known to write, since when: what tells a new one. Pure.
 *
 * The outcome is the same in whatever order windows close: of a pattern, the earliest window that had it counts.
 * Bounded: a service with more than MAX_PATTERNS patterns of errors always writes new ones, so that none of them tells
 * anything; nothing is new to it any more.
 */
import { KNOWN_SERVICE_MS, NEW_PATTERN_MS } from '../../models/features.ts';

export interface PatternMemory {
  /** Start of the first window of the service, ms since the epoch. */
  readonly sinceMs: number;
  /** Start of the first window that had errors of the pattern. */
  readonly patterns: Readonly<Record<string, number>>;
  /** What BERT called them; cached, so that it is asked once a pattern. */
  readonly categories: Readonly<Record<string, string>>;
}

export const MAX_PATTERNS = 1000;

type Counted = readonly (readonly [patternId: string, entries: number])[];

export interface Remembered {
  readonly memory: PatternMemory;
  /** Differs from the memory before. */
  readonly changed: boolean;
  /** Patterns of this window that the service never showed before, with their entries. */
  readonly fresh: Counted;
  /** Errors of patterns that are new: first shown at most NEW_PATTERN_MS ago. */
  readonly newErrors: number;
}

/** Adds the patterns of errors of a window. */
export function rememberPatterns(
  before: PatternMemory | null,
  startMs: number,
  errorPatterns: Counted,
): Remembered {
  const sinceMs = Math.min(before?.sinceMs ?? startMs, startMs);
  const patterns = new Map(Object.entries(before?.patterns ?? {}));
  let changed = before === null || sinceMs !== before.sinceMs;
  const fresh: (readonly [string, number])[] = [];
  let newErrors = 0;
  for (const [id, entries] of errorPatterns) {
    const known = patterns.get(id);
    if (known === undefined && patterns.size >= MAX_PATTERNS) continue;
    const firstMs = Math.min(known ?? startMs, startMs);
    if (firstMs !== known) {
      patterns.set(id, firstMs);
      changed = true;
    }
    if (firstMs - sinceMs < KNOWN_SERVICE_MS) continue;
    if (firstMs === startMs) fresh.push([id, entries]);
    if (startMs - firstMs < NEW_PATTERN_MS) newErrors += entries;
  }
  const memory = { sinceMs, patterns: Object.fromEntries(patterns), categories: before?.categories ?? {} };
  return { memory, changed, fresh, newErrors };
}

/** Adds what patterns were called. */
export const withCategories = (
  memory: PatternMemory,
  categories: Readonly<Record<string, string>>,
): PatternMemory => ({ ...memory, categories: { ...memory.categories, ...categories } });

/**
 * How fast a service spends the errors that its objective allows, over a long and a short window: both must burn, so
 * that it fires soon and ends soon after the errors do. Counts are kept by minute; a window that comes again with a
 * higher revision replaces what it counted. Pure.
 * Source: https://sre.google/workbook/alerting-on-slos/ (multiwindow, multi-burn-rate alerts)
 */
import type { Objective } from './config.ts';

/** Counts of one event-time window: start, revision, entries, errors. */
export type Spent = readonly [startMs: number, revision: number, entries: number, errors: number];

/** Adds a window; forgets what is older than the long window. Newest last. */
export function spend(spent: readonly Spent[], added: Spent, objective: Objective): readonly Spent[] {
  const [startMs, revision] = added;
  const same = spent.findIndex(([start]) => start === startMs);
  if (same >= 0 && spent[same]![1] >= revision) return spent;
  const others = same < 0 ? spent : spent.filter((_, i) => i !== same);
  const all = [...others, added].sort((a, b) => a[0] - b[0]);
  const newestMs = all.at(-1)![0];
  return all.filter(([start]) => start > newestMs - objective.long);
}

/** The lower of both burn rates divided by the factor that alarms: above 1 the rule breaks. */
export function burnRate(spent: readonly Spent[], objective: Objective): number {
  const newestMs = spent.at(-1)?.[0];
  if (newestMs === undefined) return 0;
  const long = burnOver(spent, newestMs - objective.long, objective.target);
  const short = burnOver(spent, newestMs - objective.short, objective.target);
  return Math.min(long, short) / objective.factor;
}

function burnOver(spent: readonly Spent[], afterMs: number, target: number): number {
  let entries = 0;
  let errors = 0;
  for (const [start, , all, bad] of spent) {
    if (start <= afterMs) continue;
    entries += all;
    errors += bad;
  }
  return entries === 0 ? 0 : errors / entries / (1 - target);
}

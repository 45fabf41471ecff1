/**
 * The patterns that entries were given when they came, by batch. The catalogue has learned further since then: a replay
 * that asked it again would count the same lines under other patterns than the rows that stand.
 * Under pressure: some 20 bytes an entry; replay.ts bounds how many entries are held.
 */
import type { LogEntry } from '../parse/log-entry.ts';

/** Gives entries of a batch the patterns they were recorded with; others keep what they have. */
export type RecordedPatterns = (batchId: string, entries: readonly LogEntry[]) => void;

/** From batch id and `index pattern` of its entries, separated by commas. */
export function recordedPatterns(
  batches: Iterable<readonly [batch: string, patterns: string]>,
): RecordedPatterns {
  const recorded = new Map(batches);
  return (batchId, entries) => {
    const text = recorded.get(batchId);
    if (text === undefined) return;
    const patterns = new Map<string, string>();
    for (const one of text.split(',')) {
      const space = one.indexOf(' ');
      patterns.set(one.slice(0, space), one.slice(space + 1));
    }
    for (const entry of entries) {
      const pattern = patterns.get(entry.insert_id.slice(batchId.length + 1));
      if (pattern !== undefined) entry.pattern_id = pattern;
    }
  };
}

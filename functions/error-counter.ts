/** The aggregate of the job `error_counts`: entries of a window by how bad they are. Of WARNING and above. */
import type { LogEntry } from './parse/log-entry.ts';
import { CRITICAL, ERROR, WARNING } from './parse/severity.ts';
import type { AggregateFunction } from './stream/aggregate.ts';

export interface ErrorCounts {
  warnings: number;
  /** Entries of severity ERROR. */
  errors: number;
  /** Entries of severity CRITICAL or higher. */
  criticals: number;
}

export const errorCounter: AggregateFunction<LogEntry, ErrorCounts, ErrorCounts> = {
  create: () => ({ warnings: 0, errors: 0, criticals: 0 }),
  add(acc, { severity }) {
    if (severity >= CRITICAL) acc.criticals++;
    else if (severity >= ERROR) acc.errors++;
    else if (severity >= WARNING) acc.warnings++;
    return acc;
  },
  merge(a, b) {
    a.warnings += b.warnings;
    a.errors += b.errors;
    a.criticals += b.criticals;
    return a;
  },
  result: (acc) => ({ ...acc }),
  encode: ({ warnings, errors, criticals }) => [warnings, errors, criticals],
  decode(encoded) {
    if (!Array.isArray(encoded) || encoded.length !== 3 || !encoded.every(Number.isSafeInteger))
      throw new Error('error counts are not three whole numbers');
    const [warnings, errors, criticals] = encoded as [number, number, number];
    return { warnings, errors, criticals };
  },
};

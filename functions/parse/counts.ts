/** What a parser did for one batch, in counts for its log line: the difference of the parser's own counts. */
import type { ParseCounts, ParseRecord, Parser } from './record-context.ts';

const NO_COUNTS: ParseCounts = { redacted: {}, untimed: 0 };

/** The counts now. */
export const countsOf = (parse: ParseRecord | Parser): ParseCounts => {
  const counts = 'counts' in parse ? parse.counts() : NO_COUNTS;
  return { ...counts, redacted: { ...counts.redacted } };
};

/** What a parser counted between two moments. Parsing does not wait, so that batches at the same time are not mixed. */
export function countedSince(before: ParseCounts, after: ParseCounts): ParseCounts {
  const redacted = Object.entries(after.redacted)
    .map(([rule, count]) => [rule, count - (before.redacted[rule] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return { untimed: after.untimed - before.untimed, redacted: Object.fromEntries(redacted) };
}

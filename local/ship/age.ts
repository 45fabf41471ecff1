/**
 * Whether a batch is backfill: entries older than the allowed lateness, which live processing would call late.
 * Asked batch by batch, so that a file that reaches from last week to now is backfill up to an hour ago and live
 * from there. It is told from a few lines at both ends of the batch; a batch in which no line tells a time (a
 * stack trace) is what the batch before it was.
 */
import { isFailure } from '../../functions/ingest/failure.ts';
import { split } from '../../functions/ingest/split.ts';
import type { ParseRecord } from '../../functions/parse/record-context.ts';

const SAMPLE_BYTES = 16 * 1024;
const SAMPLE_LINES = 8;
/** A batch that is nearly too old may well be when it is processed. */
const MARGIN = 0.9;

export interface AgeOptions {
  readonly parse: ParseRecord;
  readonly latenessMs: number;
  readonly now: () => number;
}

/** Makes the question for one file. */
export function ageCheck(options: AgeOptions): (bytes: Buffer) => boolean {
  let known = false;
  return (bytes) => {
    const nowMs = options.now();
    const oldest = Math.min(
      ...sample(bytes).map((line) => timeOf(line, nowMs, options.parse) ?? Number.POSITIVE_INFINITY),
    );
    if (oldest !== Number.POSITIVE_INFINITY) known = oldest < nowMs - options.latenessMs * MARGIN;
    return known;
  };
}

function sample(bytes: Buffer): string[] {
  if (bytes.length <= SAMPLE_BYTES) return ends([...split(bytes).texts]);
  const first = split(bytes.subarray(0, SAMPLE_BYTES)).texts.slice(0, -1);
  const last = split(bytes.subarray(-SAMPLE_BYTES)).texts.slice(1);
  return [...first.slice(0, SAMPLE_LINES), ...last.slice(-SAMPLE_LINES)];
}

const ends = (lines: readonly string[]): string[] =>
  lines.length <= 2 * SAMPLE_LINES
    ? [...lines]
    : [...lines.slice(0, SAMPLE_LINES), ...lines.slice(-SAMPLE_LINES)];

/** The line's own time in ms; null where it tells none. */
function timeOf(line: string, nowMs: number, parse: ParseRecord): number | null {
  const entry = parse(line, {
    batchId: 'age',
    index: 0,
    receivedAtUs: nowMs * 1000,
    attributes: {},
    latin1: false,
  });
  return isFailure(entry) || entry.timestamp_source === 'publish' ? null : entry.timestamp / 1000;
}

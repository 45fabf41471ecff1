/**
 * Blocks of lines → printed entries. Events may go on in the next block, so the last lines of a block wait for it:
 * those of the events that its last lines belong to.
 */
import { isFailure } from '../../functions/ingest/failure.ts';
import { printEntry } from '../../functions/parse/print-entry.ts';
import type { Parser, PendingRecord } from '../../functions/parse/record-context.ts';
import type { Line } from './blocks.ts';

export interface RunOptions {
  /** Names the lines: insert_id is this, "-" and the line's number. */
  readonly source: string;
  readonly service: string | null;
  readonly receivedAtUs: number;
  /** Entries to print at most. */
  readonly max: number;
  readonly maxLineBytes: number;
}

/** What has been read, in counts. */
export interface ParseSummary {
  lines: number;
  entries: number;
  /** Lines that stand in the entry of another line. */
  joined: number;
  deadLetters: number;
  readonly formats: Record<string, number>;
  readonly timestampSources: Record<string, number>;
}

export const newSummary = (): ParseSummary => ({
  lines: 0,
  entries: 0,
  joined: 0,
  deadLetters: 0,
  formats: {},
  timestampSources: {},
});

/** A line that became no entry. */
export interface Refused {
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
}

export interface Outputs {
  /** Takes printed entries, each with its line end; resolves when there is room for more; false: nobody reads. */
  print(text: string): Promise<boolean>;
  refused(one: Refused): void;
}

/** A line this near to the end of a block may be continued in the next. */
const WAITING_LINES = 64;
const MAX_WAITING = 4096;

/** Parses one file's blocks. Resolves to false when nobody reads any more or enough has been printed. */
export async function parseBlocks(
  blocks: AsyncIterable<readonly Line[]>,
  parser: Parser,
  options: RunOptions,
  summary: ParseSummary,
  outputs: Outputs,
): Promise<boolean> {
  let waiting: readonly Line[] = [];
  for await (const block of blocks) {
    const lines = [...waiting, ...refuseLarge(block, options, summary, outputs)];
    const joined = joinLines(lines, parser, options);
    const ready = readyOf(joined, lines.length);
    waiting = joined.slice(ready).flatMap(({ indices }) => indices.map((at) => lines[at]!));
    waiting = (waiting as Line[]).sort((a, b) => a.number - b.number);
    if (!(await emit(joined.slice(0, ready), lines, options, summary, outputs))) return false;
  }
  return emit(joinLines(waiting, parser, options), waiting, options, summary, outputs);
}

function refuseLarge(
  block: readonly Line[],
  options: RunOptions,
  summary: ParseSummary,
  outputs: Outputs,
): Line[] {
  summary.lines += block.length;
  return block.filter((line) => {
    if (line.tooLargeBytes === 0) return true;
    summary.deadLetters++;
    const detail = `record of ${line.tooLargeBytes} bytes; allowed: ${options.maxLineBytes}`;
    outputs.refused({ line: line.number, reason: 'too_large', detail });
    return false;
  });
}

function joinLines(lines: readonly Line[], parser: Parser, options: RunOptions): PendingRecord[] {
  const attributes = options.service === null ? {} : { service: options.service };
  return parser.join(
    lines.map((line) => line.text),
    (at) => ({
      batchId: options.source,
      index: lines[at]!.number,
      receivedAtUs: options.receivedAtUs,
      attributes,
      latin1: lines[at]!.latin1,
    }),
  );
}

/** How many of the results are complete: none of their lines is near the end of the block. */
function readyOf(joined: readonly PendingRecord[], lines: number): number {
  const first = joined.findIndex(({ indices }) => indices.at(-1)! >= lines - WAITING_LINES);
  if (first < 0) return joined.length;
  const waiting = joined.slice(first).reduce((sum, { indices }) => sum + indices.length, 0);
  return waiting <= MAX_WAITING ? first : joined.length;
}

async function emit(
  joined: readonly PendingRecord[],
  lines: readonly Line[],
  options: RunOptions,
  summary: ParseSummary,
  outputs: Outputs,
): Promise<boolean> {
  let text = '';
  for (const { finish, indices } of joined) {
    if (summary.entries >= options.max) break;
    const result = finish();
    if (isFailure(result)) {
      summary.deadLetters += indices.length;
      for (const at of indices)
        outputs.refused({ line: lines[at]!.number, reason: result.reason, detail: result.detail });
      continue;
    }
    summary.entries++;
    summary.joined += indices.length - 1;
    summary.formats[result.format] = (summary.formats[result.format] ?? 0) + 1;
    summary.timestampSources[result.timestamp_source] =
      (summary.timestampSources[result.timestamp_source] ?? 0) + 1;
    text += printEntry(result);
  }
  const read = text === '' || (await outputs.print(text));
  return read && summary.entries < options.max;
}

/**
 * Joins the lines of a batch that are one event: stack traces that came line by line, also where the lines of several
 * containers are mixed, and lines that a container runtime cut in parts. Every record of the batch ends in exactly
 * one event; the first of an event's records gives it its identity.
 *
 * Linear: an event is looked up by its source. An event takes at most 2,000 lines and 256 Ki characters; what comes
 * after begins a new one.
 */
import { type Failure, isFailure } from '../../ingest/failure.ts';
import type { Draft } from '../draft.ts';
import { WARNING } from '../severity.ts';
import { continues, kindAfter, kindOf, type OpenEvent, type TraceKind } from './continuation.ts';

/** One event: its draft or why it is none, and the records of the batch it was made of. */
export interface JoinedRecord {
  readonly result: Draft | Failure;
  readonly indices: number[];
}

const MAX_LINES = 2000;
const MAX_CHARS = 262_144;

interface Event extends OpenEvent {
  kind: TraceKind;
  lines: number;
  chars: number;
  readonly draft: Draft;
  readonly record: JoinedRecord;
  /** Lines beside the first, joined to it when the batch is done. */
  readonly rest: string[];
  partial: boolean;
}

/** Reads the text of a line that came in parts, once it is whole. */
export type ReadWhole = (draft: Draft, text: string) => Failure | null;

/** Joins drafts in the order of their records. */
export function joinDrafts(drafts: readonly (Draft | Failure)[], readWhole: ReadWhole): JoinedRecord[] {
  const joined: JoinedRecord[] = [];
  const events = new Map<string, Event>();
  const open: Event[] = [];
  let indexed = 0;
  const index = (): void => {
    for (; indexed < joined.length; indexed++) {
      const record = joined[indexed]!;
      if (isFailure(record.result)) continue;
      const event = newEvent(record.result, record);
      events.set(sourceOf(record.result), event);
      if (!record.result.wrapped) events.set(BARE, event);
      open.push(event);
    }
  };
  drafts.forEach((result, at) => {
    if (!isFailure(result) && mayContinue(result, joined.length > 0)) {
      index();
      const event = events.get(result.headed || result.wrapped ? sourceOf(result) : BARE);
      if (event !== undefined && append(event, result)) {
        event.record.indices.push(at);
        return;
      }
    }
    joined.push({ result, indices: [at] });
    // A part waits for its rest, so it has to be found.
    if (!isFailure(result) && result.partial) index();
  });
  for (const event of open) finish(event, readWhole);
  return joined;
}

/** Cheap: whether a record can be a continuation at all. */
const mayContinue = (draft: Draft, hasBefore: boolean): boolean =>
  hasBefore && (!draft.headed || draft.relayed || draft.wrapped);

function newEvent(draft: Draft, record: JoinedRecord): Event {
  const { message, severity } = draft.entry;
  const newline = message.lastIndexOf('\n');
  return {
    kind: kindOf(newline < 0 ? message : message.slice(newline + 1)) ?? 'none',
    headed: draft.headed,
    mayThrow: severity >= WARNING || !draft.severityKnown,
    lines: 1,
    chars: message.length,
    draft,
    record,
    rest: [],
    partial: draft.partial,
  };
}

function append(event: Event, draft: Draft): boolean {
  const line = draft.entry.message;
  if (event.lines >= MAX_LINES || event.chars + line.length > MAX_CHARS) return false;
  if (event.partial) {
    // The rest of a cut line follows without a line end.
    event.rest.push(line);
    event.partial = draft.partial;
  } else {
    if (draft.headed && !draft.relayed) return false;
    if (draft.partial || !continues(event, line)) return false;
    event.rest.push('\n', line);
    event.kind = kindAfter(event.kind, line);
  }
  event.lines++;
  event.chars += line.length + 1;
  return true;
}

function finish(event: Event, readWhole: ReadWhole): void {
  const { draft, rest } = event;
  if (rest.length === 0 && !draft.partial) return;
  const text = draft.entry.message + rest.join('');
  draft.entry.message = text;
  if (draft.partial) {
    draft.partial = false;
    const failure = readWhole(draft, text);
    if (failure !== null) (event.record as { result: Draft | Failure }).result = failure;
  }
}

/** A line without any header is of the last event that came without a wrapper. */
const BARE = '';

/** What tells one stream of lines from another: container, pod, file, process. */
function sourceOf(draft: Draft): string {
  const { service, instance } = draft.entry;
  return `${draft.stream}\u0000${instance ?? ''}\u0000${draft.origin ?? service}`;
}

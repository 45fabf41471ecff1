/**
 * Joins the lines of a batch that are one event: stack traces that came line by line, also where the lines of several
 * containers are mixed, and lines that a container runtime cut in parts. Every record of the batch ends in exactly
 * one event; the first of an event's records gives it its identity.
 *
 * Linear: an event is looked up by its source. An event takes at most 2,000 lines and 256 Ki characters; what comes
 * after begins a new one.
 */
import { type Failure, isFailure } from '../../ingest/failure.ts';
import { addValue, beginLayer, type Draft } from '../draft.ts';
import { WARNING } from '../severity.ts';
import { continues, kindAfter, kindOf, mayBeTrace, type OpenEvent, type TraceKind } from './continuation.ts';
import { differencesOf } from './differences.ts';

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
  /** What they have beside their text, as JSON. */
  readonly differences: string[];
  partial: boolean;
}

/** Reads the text of a line that came in parts, once it is whole. */
export type ReadWhole = (draft: Draft, text: string) => Failure | null;

/** Joins drafts in the order of their records. */
export function joinDrafts(drafts: readonly (Draft | Failure)[], readWhole: ReadWhole): JoinedRecord[] {
  const batch = new Batch();
  for (let at = 0; at < drafts.length; at++) batch.add(drafts[at]!, at);
  for (const event of batch.events) finish(event, readWhole);
  return batch.joined;
}

/** The events of a batch while its records come in. */
class Batch {
  readonly joined: JoinedRecord[] = [];
  /** Events that have been looked at as ones that may be continued. */
  readonly events: Event[] = [];
  readonly #bySource = new Map<string, Event>();
  #indexed = 0;
  /** Traces and cut lines that are open: lines at the margin may be of them. */
  #open = 0;

  add(result: Draft | Failure, at: number): void {
    if (isFailure(result)) {
      this.joined.push({ result, indices: [at] });
      return;
    }
    const bare = !result.headed || result.relayed;
    const concerned = this.#open > 0 ? bare || result.wrapped : bare && mayBeTrace(result.entry.message);
    if (concerned && this.#continue(result, at)) return;
    this.joined.push({ result, indices: [at] });
    if (concerned || result.partial) {
      const event = this.#index();
      if (event !== null && (event.kind !== 'none' || event.partial)) this.#open++;
    }
  }

  #continue(draft: Draft, at: number): boolean {
    if (this.joined.length === 0) return false;
    this.#index();
    const event = this.#bySource.get(draft.headed || draft.wrapped ? sourceOf(draft) : BARE);
    if (event === undefined) return false;
    const before = event.kind;
    if (!append(event, draft)) return false;
    if (before === 'none' && event.kind !== 'none') this.#open++;
    event.record.indices.push(at);
    return true;
  }

  /** Makes the events so far findable; the last of them. */
  #index(): Event | null {
    let event: Event | null = null;
    for (; this.#indexed < this.joined.length; this.#indexed++) {
      const record = this.joined[this.#indexed]!;
      if (isFailure(record.result)) continue;
      event = newEvent(record.result, record);
      this.#bySource.set(sourceOf(record.result), event);
      if (!record.result.wrapped) this.#bySource.set(BARE, event);
      this.events.push(event);
    }
    return event;
  }
}

function newEvent(draft: Draft, record: JoinedRecord): Event {
  const { message, severity } = draft.entry;
  const newline = message.lastIndexOf('\n');
  const last = newline < 0 ? message : message.slice(newline + 1);
  return {
    kind: mayBeTrace(last) ? (kindOf(last) ?? 'none') : 'none',
    headed: draft.headed,
    mayThrow: severity >= WARNING || !draft.severityKnown,
    lines: 1,
    chars: message.length,
    draft,
    record,
    rest: [],
    differences: [],
    partial: draft.partial,
  };
}

function append(event: Event, draft: Draft): boolean {
  // What was read out of the rest of a cut line, as if it were a line, must not be missing from the whole.
  const line = event.partial ? draft.inner : draft.entry.message;
  if (line === null || event.lines >= MAX_LINES || event.chars + line.length > MAX_CHARS) return false;
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
  const different = differencesOf(draft, event.draft);
  if (different !== null && different !== event.differences.at(-1)) event.differences.push(different);
  return true;
}

function finish(event: Event, readWhole: ReadWhole): void {
  const { draft, rest, differences } = event;
  if (rest.length === 0 && !draft.partial) return;
  if (differences.length > 0) {
    beginLayer(draft);
    addValue(draft, 'logweir.joined', JSON.parse(`[${differences.join()}]`));
  }
  const text = draft.entry.message + rest.join('');
  draft.entry.message = text;
  draft.clean = false;
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

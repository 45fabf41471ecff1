/**
 * Live tail: one source of new entries for all who listen to this instance. It is opened for the first listener and
 * closed after the last.
 *
 * Guarantee: who listens gets each entry that fits once, oldest first, or is told how many were left out.
 * Under pressure: a client that does not read has a queue of at most MAX_CHARS; what comes then is counted and told as a
 * gap when it reads again. Beyond MAX_SHOWN entries a second the newest of a beat are shown and the rest only counted (`matched`).
 */
import type { LogEntry } from '../../parse/log-entry.ts';
import { entryOfParsed } from '../logs/entry.ts';
import type { Matcher } from '../logs/match.ts';
import { isoOf } from '../question.ts';
import type { TailGap } from '../schema/tail.ts';

/** Opens the source; resolves to what closes it. */
export type TailSource = (
  onEntries: (entries: readonly LogEntry[]) => void,
) => Promise<{ close(): Promise<void> }>;

/** Between two beats of the feed: what came meanwhile is sent together. */
export const BEAT_MS = 200;
/** A listener hears something at least so often. */
const HEARTBEAT_MS = 15_000;
/** After the last listener left. */
const LINGER_MS = 10_000;
/** A second: more lines nobody reads. They may come at once, as shippers send them in batches. */
const MAX_SHOWN = 500;
/** Of what waits for a client, in UTF-16 units. */
const MAX_CHARS = 1_000_000;
const MAX_ONE = 64_000;

export class TailFull extends Error {
  override readonly name = 'TailFull';
}

export interface FeedOptions {
  readonly source: TailSource;
  readonly clock: () => number;
  readonly maxListeners: number;
  /** Told when the source cannot be opened or closed. */
  readonly report: (error: unknown) => void;
}

export class Feed {
  readonly #options: FeedOptions;
  readonly #listeners = new Set<Listener>();
  #open: Promise<{ close(): Promise<void> } | null> | null = null;
  #idleSinceMs = 0;
  #arrived: LogEntry[] = [];

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Begins to listen; resolves when the source is open. Rejects with TailFull, or when the source cannot be opened. */
  async listen(matches: Matcher): Promise<Listener> {
    if (this.#listeners.size >= this.#options.maxListeners) throw new TailFull('too many listen');
    const listener = new Listener(matches, this.#options.clock(), () => this.#leave(listener));
    this.#listeners.add(listener);
    try {
      await this.#opened();
    } catch (error) {
      listener.close();
      throw error;
    }
    return listener;
  }

  /** Sends what came since the last beat; to be called every BEAT_MS. */
  beat(): void {
    const nowMs = this.#options.clock();
    const arrived = this.#arrived;
    this.#arrived = [];
    const shown = new Map<LogEntry, string>();
    for (const listener of this.#listeners) listener.beat(arrived, nowMs, shown);
    if (this.#listeners.size === 0 && this.#open !== null && nowMs - this.#idleSinceMs >= LINGER_MS)
      void this.close();
  }

  /** Ends all, and the source. */
  async close(): Promise<void> {
    for (const listener of [...this.#listeners]) listener.close();
    const open = this.#open;
    this.#open = null;
    this.#arrived = [];
    const source = await open?.catch(() => null);
    await source?.close().catch(this.#options.report);
  }

  #opened(): Promise<unknown> {
    if (this.#open !== null) return this.#open;
    const opening = this.#options.source((entries) => this.#take(entries));
    this.#open = opening;
    opening.catch((error: unknown) => {
      this.#options.report(error);
      if (this.#open === opening) this.#open = null;
    });
    return opening;
  }

  #take(entries: readonly LogEntry[]): void {
    if (this.#listeners.size > 0) for (const entry of entries) this.#arrived.push(entry);
  }

  #leave(listener: Listener): void {
    this.#listeners.delete(listener);
    this.#idleSinceMs = this.#options.clock();
  }
}

/** One client's queue of events, as text of Server-Sent Events. */
export class Listener {
  readonly #matches: Matcher;
  readonly #leave: () => void;
  #queue: string[] = [];
  #chars = 0;
  #gap: { dropped: number; fromUs: number; toUs: number } | null = null;
  #heardMs: number;
  /** How many entries it may be shown at `#grantedMs`. */
  #shownLeft = MAX_SHOWN;
  #grantedMs: number;
  #wake: (() => void) | null = null;
  #closed = false;

  constructor(matches: Matcher, nowMs: number, leave: () => void) {
    this.#matches = matches;
    this.#leave = leave;
    this.#heardMs = nowMs;
    this.#grantedMs = nowMs;
    this.#push(event('ready', { now: isoOf(nowMs * 1000) }));
  }

  /** UTF-16 units that wait. */
  get waiting(): number {
    return this.#chars;
  }

  /** Takes what fits of a beat. `shown` holds entries as JSON, made once for all listeners. */
  beat(arrived: readonly LogEntry[], nowMs: number, shown: Map<LogEntry, string>): void {
    const fitting = arrived.filter(this.#matches);
    if (fitting.length > 0) this.#offer(fitting, nowMs, shown);
    if (this.#queue.length > 0) this.#heardMs = nowMs;
    else if (nowMs - this.#heardMs >= HEARTBEAT_MS) {
      this.#heardMs = nowMs;
      this.#push(': still here\n\n');
    }
  }

  /** Resolves to what waits, as one text; null: it is over. */
  async next(): Promise<string | null> {
    while (this.#queue.length === 0 && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#queue.length === 0) return null;
    const text = this.#queue.join('');
    this.#queue = [];
    this.#chars = 0;
    if (this.#gap === null) return text;
    const { dropped, fromUs, toUs } = this.#gap;
    this.#gap = null;
    const gap: TailGap = { dropped, from: isoOf(fromUs), to: isoOf(toUs) };
    return text + event('gap', gap);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#leave();
    this.#wake?.();
  }

  #offer(fitting: readonly LogEntry[], nowMs: number, shown: Map<LogEntry, string>): void {
    // Once something was left out, the gap comes first; what follows it would else stand before it.
    if (this.#gap !== null || this.#chars > MAX_CHARS) {
      this.#drop(fitting);
      return;
    }
    const last = fitting.slice(-this.#grant(fitting.length, nowMs));
    const entries = last.map((entry) => jsonOf(entry, shown));
    this.#push(`event: entries\ndata: {"entries":[${entries.join(',')}],"matched":${fitting.length}}\n\n`);
  }

  /** How many of `wanted` may be shown; one at least. */
  #grant(wanted: number, nowMs: number): number {
    const grown = (Math.max(0, nowMs - this.#grantedMs) * MAX_SHOWN) / 1000;
    this.#grantedMs = nowMs;
    const left = Math.min(MAX_SHOWN, this.#shownLeft + grown);
    const granted = Math.min(wanted, Math.max(1, Math.floor(left)));
    this.#shownLeft = left - granted;
    return granted;
  }

  #drop(entries: readonly LogEntry[]): void {
    const times = entries.map(({ timestamp }) => timestamp);
    const before = this.#gap;
    this.#gap = {
      dropped: (before?.dropped ?? 0) + entries.length,
      fromUs: Math.min(before?.fromUs ?? Number.POSITIVE_INFINITY, ...times),
      toUs: Math.max(before?.toUs ?? Number.NEGATIVE_INFINITY, ...times),
    };
  }

  #push(text: string): void {
    this.#queue.push(text);
    this.#chars += text.length;
    this.#wake?.();
    this.#wake = null;
  }
}

/** A stack trace of a megabyte is not for a live view; its page shows all of it. */
function jsonOf(entry: LogEntry, shown: Map<LogEntry, string>): string {
  const known = shown.get(entry);
  if (known !== undefined) return known;
  const all = JSON.stringify(entryOfParsed(entry));
  const { message } = entry;
  const text =
    all.length <= MAX_ONE
      ? all
      : JSON.stringify({ ...entryOfParsed(entry), message: `${message.slice(0, 8000)}…`, labels: null });
  shown.set(entry, text);
  return text;
}

const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

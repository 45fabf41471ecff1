/**
 * What the window stage needs of its store and its timers, as interfaces: Firestore and Cloud Tasks stand behind
 * them in functions, memory in property tests.
 *
 * What all of functions/window guarantees, whatever dies, fails, is delayed, delivered again or run twice:
 * - an entry is counted once in each of its windows, or stands in late_entries, never both;
 * - the rows at the highest revision, without tombstones, are those of Flink's operator over the entries in time;
 * - one revision of a row has one content; rows already written change only by a higher one;
 * - every partial is followed by a firing; a timer that is lost is found by sweep within minutes.
 * What it does not:
 * - an entry whose message Pub/Sub gave up is where the attempts brought it: dead letters and archive have it;
 * - two identical bare lines in two messages are two events; only batches have an identity of their own;
 * - of sessions: all of a batch's elements that form one share its fate when they are late (portion.ts), and one that
 *   goes on for longer than the retention loses its beginning.
 */
import type { TimeWindow } from '../stream/window.ts';
import type { JobWindow, Timer } from './window-id.ts';

/** Why a window did not take elements: late, or closed for good, or too far ahead of the clock. */
export type MissedReason = 'late' | 'sealed' | 'future';

/**
 * What one batch contributes under one window: its partial, or the mark that it was refused and why. Created, never
 * updated; the first to be created under its id decides, so a batch that is delivered twice is either counted once
 * or refused once, never both.
 */
export interface Contribution {
  readonly of: JobWindow;
  readonly batchId: string;
  readonly kind: 'partial' | MissedReason;
  /** Encoded accumulators (encoding.ts); empty for a mark. */
  readonly parts: readonly string[];
  /** Last end of the windows that count it: it must be kept for the retention after that. */
  readonly endMs: number;
  /** Of overlapping windows: those that end before it do not count it, they were over. */
  readonly fromEndMs?: number;
  /** Of sessions: from the first element to the gap after the last. */
  readonly span?: TimeWindow;
  /** Old entries on purpose: nobody is told of them. */
  readonly backfill?: boolean;
  /** Timers noted in the same commit, so that `sweep` finds those that were never asked for. */
  readonly timers: readonly Timer[];
}

/** created: this call made it. Not created: it was there, of the kind given. */
export interface Outcome {
  readonly created: boolean;
  readonly kind: Contribution['kind'];
}

/** A part of a partial, as read back. */
export interface StoredPart {
  readonly id: string;
  readonly data: string;
  readonly createdAtMs: number;
  readonly backfill?: boolean;
  readonly fromEndMs?: number;
  readonly span?: TimeWindow;
}

/** Where a row stands. */
export interface RowState extends TimeWindow {
  /** Revision last claimed, from 1. */
  readonly revision: number;
  /** Hash of the ids of the parts merged into that revision. */
  readonly digest: string;
  /** How many parts that were. */
  readonly parts: number;
  /** Whether the revision is known to be written. */
  readonly written: boolean;
  /** Of sessions: the row's session became part of another. */
  readonly tombstone: boolean;
}

/** Where a window stands, or all sessions that start in a bucket. */
export interface WindowState {
  /** One of a window; one for each start of a session of a bucket. */
  readonly rows: readonly RowState[];
  /** From then on, in ms since the epoch, the window takes nothing any more. */
  readonly sealAtMs: number;
}

/** A state as found; `version` is the store's, for the precondition of the next write. */
export interface Versioned {
  readonly state: WindowState;
  readonly version: unknown;
}

export interface StateChange {
  readonly of: JobWindow;
  readonly previous: Versioned | null;
  readonly next: WindowState;
}

/** A timer that was noted and not done with. */
export interface OverdueTimer extends Timer {
  /** How often sweep has asked for it. */
  readonly asks: number;
}

export interface WindowStore {
  /** Creates contributions; an outcome for each, in order. */
  contribute(contributions: readonly Contribution[], nowMs: number): Promise<readonly Outcome[]>;
  /** The parts of partials under each of the windows, in order of their ids. */
  partsOf(windows: readonly JobWindow[]): Promise<readonly (readonly StoredPart[])[]>;
  /** States of windows, in order; null for a window that never fired. */
  statesOf(windows: readonly JobWindow[]): Promise<readonly (Versioned | null)[]>;
  /** Writes states, all or none, if nobody did since `previous`; resolves to null when somebody did. */
  commit(changes: readonly StateChange[]): Promise<readonly Versioned[] | null>;

  /** Notes timers that will be asked for. Noting again changes nothing. */
  noteTimers(timers: readonly Timer[]): Promise<void>;
  /** The timers' firing is done: they need not be looked after any more. */
  timersDone(timers: readonly Timer[]): Promise<void>;
  /** Timers that should long be done with, longest first, at most `limit`; none: there are none. */
  overdueTimers(nowMs: number, limit: number): Promise<readonly OverdueTimer[]>;
  /** Notes `next` in place of `overdue`. */
  replaceTimer(overdue: OverdueTimer, next: Timer): Promise<void>;
}

export interface Timers {
  /** Whether this instance has asked for the timer, as far as it remembers. */
  asked(timer: Timer): boolean;
  /** Asks for the firing of a group (timer-group.ts). Asking again for the same changes nothing. */
  ask(group: readonly Timer[]): Promise<void>;
}

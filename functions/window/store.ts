/**
 * What the window stage needs of its store and its timers, as interfaces: Firestore and Cloud Tasks stand behind
 * them in functions, memory in property tests.
 */
import type { JobWindow } from './window-id.ts';

/**
 * What one batch contributes to one window: its partial, or the mark that it came late. Created, never updated;
 * the first to be created under (job, window, batch) decides, so a batch that is delivered twice is either
 * counted once or late once, never both.
 */
export interface Contribution {
  readonly of: JobWindow;
  readonly batchId: string;
  readonly kind: 'partial' | 'late';
  /** Encoded accumulators (window/encoding.ts); empty for a late mark. */
  readonly parts: readonly string[];
}

/** created: this call made it. duplicate: it was there, of the kind given. */
export type Outcome = { readonly created: boolean; readonly kind: 'partial' | 'late' };

/** A part of a partial, as read back. */
export interface StoredPart {
  readonly id: string;
  readonly data: string;
}

/** Where a window stands; `version` is the store's, for the precondition of the next write. */
export interface WindowState {
  /** Revision of the rows last claimed, from 1. */
  readonly revision: number;
  /** Hash of the ids of the parts merged into that revision. */
  readonly digest: string;
  /** How many parts that were. */
  readonly parts: number;
  /** Whether the rows of the revision are known to be written. */
  readonly written: boolean;
  /** From then on, in ms since the epoch, the window takes nothing any more. */
  readonly sealAtMs: number;
}

export interface Versioned {
  readonly state: WindowState;
  readonly version: unknown;
}

export interface WindowStore {
  /** Creates contributions; an outcome for each, in order. */
  contribute(contributions: readonly Contribution[], nowMs: number): Promise<readonly Outcome[]>;
  /** All parts contributed to a window, in order of their ids; late marks are left out. */
  partsOf(window: JobWindow): Promise<readonly StoredPart[]>;
  /** States of windows, in order; null for a window that never fired. */
  statesOf(windows: readonly JobWindow[]): Promise<readonly (Versioned | null)[]>;
  /** Writes a state if nobody did since `previous`; resolves to null when somebody did. */
  commit(window: JobWindow, previous: Versioned | null, next: WindowState): Promise<Versioned | null>;
}

export interface Timers {
  /** Asks that `window` be fired at `slotMs` (ms since the epoch). Asking again for the same slot changes nothing. */
  ask(window: JobWindow, slotMs: number): Promise<void>;
}

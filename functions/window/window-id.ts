/**
 * Identities of windows, partials and timers. All are hashes, so that documents and tasks of consecutive windows
 * do not march through one range of keys (Firestore and Cloud Tasks slow down on sequential names).
 */
import { hash as digest } from 'node:crypto';
import type { TimeWindow } from '../stream/window.ts';

/**
 * One window of one job, as documents and timers name it. Partials rest under one too: a window that overlaps no
 * other, a pane that several windows share (pane.ts), or, for sessions, a bucket of time of one key (fragment.ts).
 */
export interface JobWindow {
  readonly job: string;
  readonly window: TimeWindow;
  /** Of sessions alone: their windows are a matter of each key. */
  readonly key?: string;
}

/** A timer: that `of` is to be fired at `slotMs`, ms since the epoch, and not before. */
export interface Timer {
  readonly of: JobWindow;
  readonly slotMs: number;
}

/** Identity of a window of a job. */
export const windowId = ({ job, window, key }: JobWindow): string =>
  hash(`${job}\n${window.start}\n${window.end}${key === undefined ? '' : `\n${key}`}`);

/** Identity of what one batch added to a window; `piece` tells apart what one batch adds to it separately. */
export const partialId = (window: JobWindow, batchId: string, piece: number | string): string =>
  hash(`${windowId(window)}\n${batchId}\n${piece}`);

/** Name of a timer. */
export const timerName = ({ of, slotMs }: Timer): string => hash(`${windowId(of)}\n${slotMs}`);

/** 128 bits of SHA-256, in letters and digits: fit for document ids and task names. */
export const hash = (text: string): string => digest('sha256', text, 'hex').slice(0, 32);

/**
 * Identities of windows, partials and timers. All are hashes, so that documents and tasks of consecutive windows
 * do not march through one range of keys (Firestore and Cloud Tasks slow down on sequential names).
 */
import { createHash } from 'node:crypto';
import type { TimeWindow } from '../stream/window.ts';

/** One window of one job, as documents and timers name it. */
export interface JobWindow {
  readonly job: string;
  readonly window: TimeWindow;
}

/** Identity of a window of a job. */
export const windowId = ({ job, window }: JobWindow): string =>
  hash(`${job}\n${window.start}\n${window.end}`);

/** Identity of what one batch added to a window; large partials have several parts. */
export const partialId = (window: JobWindow, batchId: string, part: number): string =>
  hash(`${windowId(window)}\n${batchId}\n${part}`);

/** Name of the timer that fires a window at a slot. */
export const timerName = (window: JobWindow, slotMs: number): string =>
  hash(`${windowId(window)}\n${slotMs}`);

/** 128 bits of SHA-256, in letters and digits: fit for document ids and task names. */
export const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

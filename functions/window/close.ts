/**
 * The reduce half of a windowed job: a timer fired → read the window's partials, merge them per key, emit rows.
 *
 * Guarantee: may run early, late, twice or at the same time as itself; the rows of a window at its highest
 * revision hold every part that was committed before its last firing, each once. A corrupt part is handed to
 * `corrupt`, and the rows say that they are incomplete. A conflict with another firing throws, and the timer's
 * retry decides anew.
 */
import type { Job } from '../stream/job.ts';
import { mergePart } from './encoding.ts';
import { decideFiring, type Firing } from './state.ts';
import type { StoredPart, WindowStore } from './store.ts';
import type { JobWindow } from './window-id.ts';

/** The result of one key of a window at a revision. */
export interface WindowResult<Out> {
  readonly of: JobWindow;
  readonly key: string;
  readonly value: Out;
  readonly revision: number;
  /** Parts merged, over all keys of the window. */
  readonly parts: number;
  /** A part could not be read; the value is too low. */
  readonly incomplete: boolean;
}

export interface CloseEffects<Out> {
  readonly store: WindowStore;
  /** Writes the rows; at least once, keyed by (job, key, window start), the highest revision stands. */
  readonly emit: (results: readonly WindowResult<Out>[]) => Promise<void>;
  /** A part that could not be decoded. */
  readonly corrupt: (of: JobWindow, part: StoredPart) => Promise<void>;
}

export interface CloseSettings {
  readonly nowMs: number;
  /** How long partials are kept, in ms. */
  readonly retentionMs: number;
}

/** Thrown when another firing of the window was faster; the retry finds what it left. */
export class FiringConflict extends Error {
  override readonly name = 'FiringConflict';
}

/** Fires a window. Resolves to what was done and how many rows were written. */
export async function closeWindow<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  of: JobWindow,
  effects: CloseEffects<Out>,
  settings: CloseSettings,
): Promise<{ readonly firing: Firing; readonly rows: number }> {
  const { store } = effects;
  const previous = (await store.statesOf([of]))[0] ?? null;
  const parts = await store.partsOf(of);
  const firing = decideFiring(previous?.state ?? null, parts, settings.nowMs, settings.retentionMs);
  if (firing.act === 'none') return { firing, rows: 0 };

  const claimed = firing.act === 'claim' ? await store.commit(of, previous, firing.next) : previous;
  if (claimed === null)
    throw new FiringConflict(`another firing of ${of.job} at ${of.window.start} was faster`);
  const results = await merge(job, of, parts, firing.next.revision, effects);
  await effects.emit(results);
  // Losing this write only means that the same rows may be written once more.
  await store.commit(of, claimed, { ...firing.next, written: true });
  return { firing, rows: results.length };
}

async function merge<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  of: JobWindow,
  parts: readonly StoredPart[],
  revision: number,
  effects: CloseEffects<Out>,
): Promise<WindowResult<Out>[]> {
  const merged = new Map<string, Acc>();
  let incomplete = false;
  for (const part of parts) {
    try {
      mergePart(job.aggregate, merged, part.data);
    } catch {
      incomplete = true;
      await effects.corrupt(of, part);
    }
  }
  return [...merged]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, acc]) => ({
      of,
      key,
      value: job.aggregate.result(acc),
      revision,
      parts: parts.length,
      incomplete,
    }));
}

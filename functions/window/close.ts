/**
 * The reduce half of a job with fixed windows: a timer fired → read the window's partials, merge them per key, emit
 * rows.
 *
 * Guarantee: may run early, late, twice or at the same time as itself; the rows of a window at its highest
 * revision hold every part that was committed before its last firing, each once. A corrupt part is handed to
 * `corrupt`, and the rows say that they are incomplete. A conflict with another firing throws, and the timer's
 * retry decides anew.
 */
import type { Job } from '../stream/job.ts';
import type { TimeWindow } from '../stream/window.ts';
import { mergeParts } from './encoding.ts';
import { panesOf } from './pane.ts';
import { decideFiring, type Firing, type FiringSettings } from './state.ts';
import type { StoredPart, WindowState, WindowStore } from './store.ts';
import type { JobWindow } from './window-id.ts';

/** The result of one key of a window at a revision. */
export interface WindowResult<Out> {
  readonly window: TimeWindow;
  readonly key: string;
  readonly value: Out;
  readonly revision: number;
  /** Parts merged; of a fixed window, those of all its keys. */
  readonly parts: number;
  /** A part could not be read; the value is too low. */
  readonly incomplete: boolean;
  /** Of sessions: there is no such window any more, it became part of another. */
  readonly tombstone: boolean;
}

export interface CloseEffects<Out> {
  readonly store: WindowStore;
  /** Writes the rows; at least once, keyed by (job, key, window start), the highest revision stands. */
  readonly emit: (results: readonly WindowResult<Out>[]) => Promise<void>;
  /** A part that could not be decoded. */
  readonly corrupt: (of: JobWindow, part: StoredPart) => Promise<void>;
}

export interface CloseSettings extends FiringSettings {
  readonly outOfOrdernessMs: number;
}

/** What a firing did. */
export interface Closed {
  readonly act: Firing['act'];
  /** Why nothing was done; null when something was. */
  readonly why: Extract<Firing, { act: 'none' }>['why'] | null;
  readonly rows: number;
  /** The highest revision written; 0: none. */
  readonly revision: number;
}

/** Thrown when another firing of the window was faster; the retry finds what it left. */
export class FiringConflict extends Error {
  override readonly name = 'FiringConflict';

  constructor({ job, window }: JobWindow) {
    super(`another firing of ${job} at ${window.start} was faster`);
  }
}

/** Fires a window. */
export async function closeWindow<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  of: JobWindow,
  effects: CloseEffects<Out>,
  settings: CloseSettings,
): Promise<Closed> {
  const { store } = effects;
  const previous = (await store.statesOf([of]))[0] ?? null;
  const parts = await partsOf(job, of, store);
  const firing = decideFiring(previous?.state ?? null, of.window, parts, settings);
  if (firing.act === 'none') return { act: 'none', why: firing.why, rows: 0, revision: 0 };

  const { next } = firing;
  const claim = firing.act === 'claim' ? await store.commit([{ of, previous, next }]) : [previous];
  if (claim === null) throw new FiringConflict(of);
  const revision = next.rows[0]!.revision;
  const results = await merge(job, of, parts, revision, effects);
  await effects.emit(results);
  // Losing this write only means that the same rows may be written once more.
  await store.commit([{ of, previous: claim[0] ?? null, next: written(next) }]);
  return { act: firing.act, why: null, rows: results.length, revision };
}

/** The state when all its rows are written. */
export const written = (state: WindowState): WindowState => ({
  ...state,
  rows: state.rows.map((row) => ({ ...row, written: true })),
});

/** The parts that a window counts: of overlapping windows, not those of batches for which it was over. */
async function partsOf<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  of: JobWindow,
  store: WindowStore,
): Promise<readonly StoredPart[]> {
  const panes = panesOf(job.assigner, of.window).map((window) => ({ job: of.job, window }));
  const parts = await store.partsOf(panes);
  return parts.filter(({ fromEndMs }) => fromEndMs === undefined || of.window.end >= fromEndMs);
}

async function merge<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  of: JobWindow,
  parts: readonly StoredPart[],
  revision: number,
  effects: CloseEffects<Out>,
): Promise<WindowResult<Out>[]> {
  const { merged, corrupt } = mergeParts(job.aggregate, parts);
  for (const part of corrupt) await effects.corrupt(of, part);
  const common = {
    window: of.window,
    revision,
    parts: parts.length,
    incomplete: corrupt.length > 0,
    tombstone: false,
  };
  return [...merged]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, acc]) => ({ ...common, key, value: job.aggregate.result(acc) }));
}

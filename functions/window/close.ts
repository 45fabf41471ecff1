/**
 * The reduce half of a job with fixed windows: timers fired → read the windows' partials, merge them per key, emit
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
import type { StateChange, StoredPart, WindowState, WindowStore } from './store.ts';
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
  /** All of it is old data on purpose: nobody is told of it. */
  readonly backfill: boolean;
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

/** A window to be written: the state found, and the one that is claimed. */
interface Due {
  readonly change: StateChange;
  readonly parts: readonly StoredPart[];
  readonly act: 'claim' | 'write';
}

/** Fires windows, all with one read, one claim and one write; what was done with each, in order. */
export async function closeWindows<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  windows: readonly JobWindow[],
  effects: CloseEffects<Out>,
  settings: CloseSettings,
): Promise<readonly Closed[]> {
  const { store } = effects;
  const states = await store.statesOf(windows);
  const partsOfEach = await partsOf(job, windows, store);
  const closed: Closed[] = [];
  const due = new Map<number, Due>();
  windows.forEach((of, i) => {
    const previous = states[i] ?? null;
    const parts = partsOfEach[i]!;
    const firing = decideFiring(previous?.state ?? null, of.window, parts, settings);
    if (firing.act === 'none') closed[i] = { act: 'none', why: firing.why, rows: 0, revision: 0 };
    else due.set(i, { change: { of, previous, next: firing.next }, parts, act: firing.act });
  });
  if (due.size === 0) return closed;

  const claimed = await claim([...due.values()], store);
  const results: WindowResult<Out>[] = [];
  for (const [i, { change, parts, act }] of due) {
    const { revision } = change.next.rows[0]!;
    const rows = await merge(job, change.of, parts, revision, effects);
    results.push(...rows);
    closed[i] = { act, why: null, rows: rows.length, revision };
  }
  await effects.emit(results);
  // Losing this write only means that the same rows may be written once more.
  await store.commit(claimed.map(({ of, previous, next }) => ({ of, previous, next: written(next) })));
  return closed;
}

/** Claims the revisions that are new; resolves to the changes with the versions they have now. */
async function claim(due: readonly Due[], store: WindowStore): Promise<readonly StateChange[]> {
  const claims = due.filter(({ act }) => act === 'claim').map(({ change }) => change);
  const versions = claims.length === 0 ? [] : await store.commit(claims);
  if (versions === null) throw new FiringConflict(claims[0]!.of);
  let next = 0;
  return due.map(({ change, act }) =>
    act === 'claim' ? { ...change, previous: versions[next++] ?? null } : change,
  );
}

/** Whether all parts are old data on purpose. */
export const isBackfill = (parts: readonly StoredPart[]): boolean =>
  parts.every(({ backfill }) => backfill === true);

/** The state when all its rows are written. */
export const written = (state: WindowState): WindowState => ({
  ...state,
  rows: state.rows.map((row) => ({ ...row, written: true })),
});

/** The parts that each window counts: of overlapping windows, not those of batches for which it was over. */
async function partsOf<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  windows: readonly JobWindow[],
  store: WindowStore,
): Promise<readonly (readonly StoredPart[])[]> {
  const panes = windows.map(({ window }) => panesOf(job.assigner, window));
  const ofPane = new Map(panes.flat().map((window) => [window.start, { job: job.name, window }]));
  const read = await store.partsOf([...ofPane.values()]);
  const parts = new Map([...ofPane.keys()].map((start, i) => [start, read[i]!]));
  return windows.map(({ window }, i) => {
    const found = panes[i]!.flatMap(({ start }) => parts.get(start)!);
    // Shared panes come in the order of time; what identifies a set of parts is the order of their ids.
    if (panes[i]!.length > 1) found.sort((a, b) => (a.id < b.id ? -1 : 1));
    return found.filter(({ fromEndMs }) => fromEndMs === undefined || window.end >= fromEndMs);
  });
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
    backfill: isBackfill(parts),
  };
  return [...merged]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, acc]) => ({ ...common, key, value: job.aggregate.result(acc) }));
}

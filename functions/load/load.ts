/**
 * One run of the loader: looks what became of the load job that an earlier run started, then starts the next one. It
 * waits for no job: rows stand in BigQuery when the job is done, whether anybody looks or not.
 *
 * Guarantee: each file is loaded once, whole, whenever a run dies and however many run at once (load-state.ts). A file
 * that BigQuery refuses holds up the others for as many runs as it takes to find it, by halves, unless BigQuery names it;
 * its rows are then written one by one (rescue.ts). Any other failure is tried again by the next run, for ever.
 * Under pressure: one job a run, of the oldest files, as many as a job may take; the rest waits for the next run.
 */
import { beganMs } from './layout.ts';
import type { LoadJobs } from './load-jobs.ts';
import type { CurrentLoad, LoadStates, StoredState } from './load-state.ts';
import type { StagedFiles } from './staged-files.ts';

export interface LoadEffects {
  readonly files: StagedFiles;
  readonly states: LoadStates;
  readonly jobs: LoadJobs;
  /** Writes the rows of a file that BigQuery refuses; where it cannot be read, puts it aside. */
  readonly rescue: (file: string) => Promise<Rescued>;
  readonly clock: () => number;
  readonly newId: () => string;
}

export interface LoadSettings {
  /** Files and bytes of one job. */
  readonly maxFiles: number;
  readonly maxBytes: number;
}

/** What became of a file that was refused: rows that BigQuery took one by one, and those that it refused; null: unreadable. */
export interface Rescued {
  readonly rows: number;
  readonly refused: number;
  readonly isReadable: boolean;
}

/** What a run did. */
export interface Loaded {
  /** Rows and files that the job of an earlier run had loaded. */
  readonly rows: number;
  readonly files: number;
  /** Files of the job that is under way. */
  readonly started: number;
  readonly startedBytes: number;
  /** Age of the oldest file that is not loaded, in ms; null: there is none. */
  readonly oldestMs: number | null;
  /** Why the job failed; null: it did not. */
  readonly failure: string | null;
  /** Jobs for the same files that failed. */
  readonly failures: number;
  readonly rescued: Rescued | null;
}

const NOTHING: Loaded = {
  ...{ rows: 0, files: 0, started: 0, startedBytes: 0, oldestMs: null },
  ...{ failure: null, failures: 0, rescued: null },
};

/** What is left to be done, and what the run has done so far. */
interface Progress {
  /** Null: another run has gone on; this one ends. */
  readonly stored: StoredState | null;
  readonly done: Loaded;
}

/** Does it. Rejects when a client fails; the next run goes on. */
export async function load(effects: LoadEffects, settings: LoadSettings): Promise<Loaded> {
  const first = await effects.states.read();
  const seen =
    first.load === null ? { stored: first, done: NOTHING } : await lookAfter(first, first.load, effects);
  if (seen === 'running') return { ...NOTHING, ...waiting(first.load!, effects) };
  const { stored, done } =
    seen.stored?.load === null ? await begin(seen.stored, seen.done, effects, settings) : seen;
  if (stored?.load == null) return done;
  await effects.jobs.start(jobName(stored.load), stored.load.files);
  return { ...done, ...waiting(stored.load, effects) };
}

/** A name is used for one list of files alone. */
const jobName = ({ id }: CurrentLoad): string => `logweir_load_${id}`;

const waiting = ({ files }: CurrentLoad, { clock }: LoadEffects) => ({
  started: files.length,
  oldestMs: ageOf(files, clock()),
});

const ageOf = (files: readonly string[], nowMs: number): number | null =>
  files.length === 0 ? null : Math.max(0, nowMs - Math.min(...files.map(beganMs)));

/** What became of the job, and what is to be done next. A job that nobody has started yet is the next. */
async function lookAfter(
  stored: StoredState,
  current: CurrentLoad,
  effects: LoadEffects,
): Promise<Progress | 'running'> {
  const outcome = await effects.jobs.find(jobName(current));
  if (outcome === null) return { stored, done: NOTHING };
  switch (outcome.kind) {
    case 'running':
      return 'running';
    case 'done': {
      await effects.files.remove(current.files);
      const done = { ...NOTHING, rows: outcome.rows, files: current.files.length };
      return { stored: await effects.states.write(half(current.doubted, effects), stored), done };
    }
    case 'refused':
      return refused(stored, current, outcome.files, effects);
    case 'failed':
      return failed(stored, current, outcome.reason, effects);
  }
}

/** The same files again, in a job of another name; without those that are gone. */
async function failed(
  stored: StoredState,
  current: CurrentLoad,
  reason: string,
  { files, states, newId }: LoadEffects,
): Promise<Progress> {
  const left = reason === 'notFound' ? await files.present(current.files) : current.files;
  const failures = current.failures + 1;
  const next = left.length === 0 ? null : { ...current, id: newId(), files: [...left], failures };
  return { stored: await states.write(next, stored), done: { ...NOTHING, failure: reason, failures } };
}

/** Of files among which one is refused, the first half: a single one is refused itself. */
function half(files: readonly string[], { newId }: LoadEffects): CurrentLoad | null {
  if (files.length === 0) return null;
  const middle = Math.ceil(files.length / 2);
  return { id: newId(), files: files.slice(0, middle), doubted: files.slice(middle), failures: 0 };
}

async function refused(
  stored: StoredState,
  { files, failures }: CurrentLoad,
  named: readonly string[],
  effects: LoadEffects,
): Promise<Progress> {
  const done = { ...NOTHING, failure: 'invalid', failures: failures + 1 };
  if (files.length > 1) {
    // What is in neither half waits to be listed again.
    const suspects = files.filter((file) => named.includes(file));
    const fewer = suspects.length > 0 && suspects.length < files.length ? suspects : files;
    return { stored: await effects.states.write(half(fewer, effects), stored), done };
  }
  const rescued = await effects.rescue(files[0]!);
  await effects.files.remove(files);
  return { stored: await effects.states.write(null, stored), done: { ...done, rescued } };
}

/** Takes the oldest files into the state, if nobody has since it was read. */
async function begin(
  stored: StoredState,
  done: Loaded,
  { files, states, newId }: LoadEffects,
  { maxFiles, maxBytes }: LoadSettings,
): Promise<Progress & { readonly done: Loaded }> {
  const listed = await files.list(maxFiles);
  const taken: string[] = [];
  let startedBytes = 0;
  for (const { name, bytes } of listed) {
    if (taken.length > 0 && startedBytes + bytes > maxBytes) break;
    taken.push(name);
    startedBytes += bytes;
  }
  if (taken.length === 0) return { stored: null, done };
  const next: CurrentLoad = { id: newId(), files: taken, doubted: [], failures: 0 };
  return { stored: await states.write(next, stored), done: { ...done, startedBytes } };
}

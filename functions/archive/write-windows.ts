/**
 * Rebuilt windows → rows, each as the next revision of its window.
 *
 * Guarantee: the order of a firing. A revision is claimed in the window's state under its precondition, then the rows
 * are written, then the state says so; a firing or another replay at the same time claims a higher or a lower one, and
 * the table keeps the highest. After a death in between the next replay claims the revision after.
 * Under pressure: so many windows at a time, one commit each way.
 */
import type { LogPipeline } from '../job.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { written } from '../window/close.ts';
import type { StateChange, Versioned, WindowStore } from '../window/store.ts';
import type { JobWindow } from '../window/window-id.ts';
import { type DecisionSettings, decideReplay } from './decision.ts';
import type { History, WrittenWindow } from './history.ts';
import { hasVerdicts, keepingVerdicts } from './kept-verdicts.ts';
import type { Rebuilt } from './rebuild.ts';

export interface WriteEffects {
  readonly store: WindowStore;
  readonly warehouse: Warehouse;
  readonly clock: () => number;
  readonly history: Pick<History, 'verdicts'>;
}

export interface WriteSettings extends Omit<DecisionSettings, 'nowMs'> {
  /** Rows of this service alone; null: of all. */
  readonly service: string | null;
}

/** What became of windows, in counts. */
export interface Written {
  windows: number;
  rows: number;
  /** Not over yet. */
  open: number;
  /** The archive holds less than the live path counted. */
  short: number;
}

/** A job's part of rebuilt windows, with what the table has of them. */
export interface WindowsOfJob {
  readonly pipeline: LogPipeline;
  /** Its place among the jobs. */
  readonly index: number;
  /** What the table has, by window start. */
  readonly standing: ReadonlyMap<number, WrittenWindow>;
}

/** How often a claim is tried while firings of the same windows are faster. */
const MAX_TRIES = 10;

interface Claim {
  readonly change: StateChange;
  readonly rebuilt: Rebuilt;
}

/** Writes windows of one job, up to some hundred. Rejects when a client fails. */
export async function writeWindows(
  windows: readonly Rebuilt[],
  job: WindowsOfJob,
  effects: WriteEffects,
  settings: WriteSettings,
): Promise<Written> {
  const counts: Written = { windows: 0, rows: 0, open: 0, short: 0 };
  for (let tries = 1; ; tries++) {
    const claims = await decide(windows, job, effects, settings);
    if (claims.writes.length === 0) return { ...counts, open: claims.open, short: claims.short };
    const committed = await effects.store.commit(claims.writes.map(({ change }) => change));
    if (committed !== null) {
      counts.rows = await emit(claims.writes, job, effects, settings);
      await markWritten(claims.writes, committed, effects.store);
      return { ...counts, windows: claims.writes.length, open: claims.open, short: claims.short };
    }
    if (tries === MAX_TRIES) throw new Error(`windows of ${job.pipeline.job.name} change too fast to replay`);
  }
}

async function decide(
  windows: readonly Rebuilt[],
  { pipeline, index, standing }: WindowsOfJob,
  { store, clock }: WriteEffects,
  settings: WriteSettings,
) {
  const { service } = settings;
  const filled = windows.filter(({ jobs }) => {
    const { batches, results } = jobs[index]!;
    return batches.length > 0 && (service === null || results.some(({ key }) => key === service));
  });
  const ofs = filled.map(({ window }): JobWindow => ({ job: pipeline.job.name, window }));
  const states = await store.statesOf(ofs);
  const live = await store.partsOf(ofs);
  const nowMs = clock();
  const decided = { writes: [] as Claim[], open: 0, short: 0 };
  filled.forEach((rebuilt, i) => {
    const of = ofs[i]!;
    const previous = states[i] ?? null;
    const { batches } = rebuilt.jobs[index]!;
    const writtenRevision = standing.get(of.window.start)?.revision ?? 0;
    const decision = decideReplay(
      { of, state: previous?.state ?? null, batches, live: live[i]!, writtenRevision },
      { ...settings, nowMs },
    );
    if (decision.act === 'skip') decided[decision.why]++;
    else decided.writes.push({ rebuilt, change: { of, previous, next: decision.next } });
  });
  return decided;
}

async function emit(
  claims: readonly Claim[],
  { pipeline, index }: WindowsOfJob,
  { warehouse, clock, history }: WriteEffects,
  { service }: WriteSettings,
): Promise<number> {
  const emittedAtMs = clock();
  const rows = claims.flatMap(({ rebuilt, change }) => {
    const { start, end, revision, parts } = change.next.rows[0]!;
    return rebuilt.jobs[index]!.results.filter(({ key }) => service === null || key === service).map(
      ({ key, value }) => ({
        ...{ job: pipeline.job.name, key, start, end, revision, parts, emittedAtMs, value },
        ...{ tombstone: false, incomplete: false },
      }),
    );
  });
  if (rows.length === 0) return 0;
  const starts = rows.map(({ start }) => start);
  const span = { fromMs: Math.min(...starts), toMs: Math.max(...starts) + 1 };
  const table = hasVerdicts(pipeline.table)
    ? keepingVerdicts(pipeline.table, await history.verdicts(pipeline.job.name, span))
    : pipeline.table;
  const refused = await warehouse.append(table, rows);
  if (refused.length > 0) throw new Error(`BigQuery refused ${refused.length} window rows`);
  return rows.length;
}

/** Losing this only means that a firing of the same partials writes the same rows once more. */
async function markWritten(
  claims: readonly Claim[],
  committed: readonly Versioned[],
  store: WindowStore,
): Promise<void> {
  await store.commit(
    claims.map(({ change: { of, next } }, i) => ({ of, previous: committed[i]!, next: written(next) })),
  );
}

/**
 * The reduce half of a job with sessions: a timer of a key's bucket fired → read the fragments that touch those of
 * the bucket, form sessions, emit those that are over, and tombstones for rows whose session grew to the left.
 *
 * Guarantee: as close.ts; of one key, the rows at their highest revisions without tombstones are the sessions that
 * all fragments committed before the last firing form. Two firings that see the same session always write a
 * bucket's state in common, so one of them fails and decides anew.
 * Under pressure: a firing reads the fragments of the session, which is all it costs; a session that is not over
 * costs its last bucket.
 */
import type { Job } from '../stream/job.ts';
import { type Bucket, Buckets, startsIn } from './buckets.ts';
import {
  type Closed,
  type CloseEffects,
  type CloseSettings,
  FiringConflict,
  isBackfill,
  type WindowResult,
  written,
} from './close.ts';
import { mergeParts } from './encoding.ts';
import { gapOf } from './fragment.ts';
import { sealAt } from './retention.ts';
import { decideSession, type Session } from './session-state.ts';
import { firstPartial } from './state.ts';
import type { RowState, StateChange } from './store.ts';
import type { JobWindow } from './window-id.ts';

/** A session that is to be written: which rows, and in which buckets it has parts. */
interface Due {
  readonly session: Session;
  readonly buckets: readonly Bucket[];
  readonly claims: boolean;
  readonly rows: readonly RowState[];
}

/** Fires a bucket of a key. */
export async function closeSessions<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  of: JobWindow,
  effects: CloseEffects<Out>,
  settings: CloseSettings,
): Promise<Closed> {
  const { store } = effects;
  const buckets = new Buckets(store, gapOf(job.assigner));
  const sessions = await sessionsOver(of, buckets, settings);
  if (typeof sessions === 'string') return nothing(sessions);
  const decided = sessions.map((session) => {
    const holding = buckets.holding(session);
    const rows = holding.flatMap(({ state }) => state?.state.rows ?? []);
    return { session, buckets: holding, firing: decideSession(session, rows) };
  });
  const due = decided.flatMap(({ firing, ...rest }): Due[] =>
    firing.act === 'none' ? [] : [{ ...rest, claims: firing.act === 'claim', rows: firing.rows }],
  );
  if (due.length === 0) {
    const isSealed = decided.some(({ firing }) => firing.act === 'none' && firing.why === 'sealed');
    return nothing(isSealed ? 'sealed' : 'unchanged');
  }

  const claims = due.some((one) => one.claims);
  const changes = changesOf(due, settings.retentionMs);
  const claimed = claims ? await store.commit(changes) : changes.map(({ previous }) => previous);
  if (claimed === null) throw new FiringConflict(of);
  const results: WindowResult<Out>[] = [];
  for (const one of due) results.push(...(await resultsOf(job, of, one, effects)));
  await effects.emit(results);
  // Losing this write only means that the same rows may be written once more.
  await store.commit(
    changes.map(({ next, ...change }, i) => ({
      ...change,
      previous: claimed[i] ?? null,
      next: written(next),
    })),
  );
  const revision = Math.max(...results.map((result) => result.revision));
  return { act: claims ? 'claim' : 'write', why: null, rows: results.length, revision };
}

const nothing = (why: NonNullable<Closed['why']>): Closed => ({ act: 'none', why, rows: 0, revision: 0 });

/** The sessions with a part in the bucket that the watermark has passed, or why there are none. */
async function sessionsOver(
  of: JobWindow,
  buckets: Buckets,
  { nowMs, outOfOrdernessMs }: CloseSettings,
): Promise<Session[] | 'empty' | 'open' | 'sealed'> {
  const { parts, state } = await buckets.read(of);
  if (parts.length === 0) return state === null ? 'empty' : 'sealed';
  const last = buckets.sessions().at(-1);
  if (last === undefined) return 'empty';
  await buckets.readRight(of, last.window.end);
  const over = (): Session[] =>
    buckets
      .sessions()
      .filter(
        (session) =>
          session.window.end - 1 <= nowMs - outOfOrdernessMs &&
          session.parts.some(({ span }) => span !== undefined && startsIn(span, of.window)),
      );
  const first = over()[0];
  if (first === undefined) return 'open';
  await buckets.readLeft(of, first.window.start);
  return over();
}

/** A change of every bucket in which a changed session has parts, so that no two firings of it miss each other. */
function changesOf(due: readonly Due[], retentionMs: number): StateChange[] {
  const touched = new Map(
    due.flatMap(({ buckets }) => buckets.map((bucket) => [bucket.of.window.start, bucket])),
  );
  const rows = due.flatMap((one) => one.rows);
  return [...touched.values()].map(({ of, state, parts }) => {
    const changed = rows.filter((row) => startsIn(row, of.window));
    const starts = new Set(changed.map(({ start }) => start));
    const kept = (state?.state.rows ?? []).filter(({ start }) => !starts.has(start));
    const sealAtMs = state?.state.sealAtMs ?? sealAt(firstPartial(parts), of.window.end, retentionMs);
    const next = { rows: [...kept, ...changed].sort((a, b) => a.start - b.start), sealAtMs };
    return { of, previous: state, next };
  });
}

/** Results of the rows of a session: its own, and empty ones for tombstones. */
async function resultsOf<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  of: JobWindow,
  { session, rows }: Due,
  effects: CloseEffects<Out>,
): Promise<WindowResult<Out>[]> {
  const { aggregate } = job;
  const { merged, corrupt } = mergeParts(aggregate, session.parts);
  for (const part of corrupt) await effects.corrupt(of, part);
  const key = of.key ?? '';
  const acc = merged.get(key);
  const live = aggregate.result(acc === undefined ? aggregate.create() : acc);
  return rows.map(({ start, end, revision, parts, tombstone }) => ({
    window: { start, end },
    key,
    value: tombstone ? aggregate.result(aggregate.create()) : live,
    revision,
    parts,
    incomplete: !tombstone && corrupt.length > 0,
    tombstone,
    backfill: isBackfill(session.parts),
  }));
}

/**
 * The window store on Firestore. Collections (collections.ts): `window_partials` (one document a part), `windows` (the
 * state of each window), `window_timers` (firestore-timers.ts). Partials are searched by `w`, timers by `overdue_at`.
 *
 * Guarantee: a contribution is created once, whatever is delivered how often; states are written only by the
 * one whose preconditions hold. Under pressure Firestore answers with errors, which fail the batch or the timer,
 * and it comes again.
 */
import { type DocumentSnapshot, type Firestore, type Precondition, Timestamp } from '@google-cloud/firestore';
import { PARTIALS, WINDOWS } from './collections.ts';
import { firestoreTimers } from './firestore-timers.ts';
import { expiresAt } from './retention.ts';
import type { Contribution, Outcome, RowState, StoredPart, WindowState, WindowStore } from './store.ts';
import { chunksOf } from './timer-group.ts';
import { type JobWindow, partialId, windowId } from './window-id.ts';

const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;

/** A commit takes 500 writes and 10 MiB. */
const MAX_WRITES = 400;
const MAX_COMMIT_CHARS = 3_000_000;
/** Values that an `in` of a query takes. */
const MAX_IN = 30;
/** Documents asked for by their names in one call. */
const MAX_READS = 300;

/** The state of a window outlives its partials, so that a late backfill finds it sealed: about 13 months. */
const STATE_TTL_MS = 400 * 86_400_000;

export interface FirestoreStoreOptions {
  /** Allowed lateness and longest redelivery, in ms. */
  readonly retentionMs: number;
}

/** The store's own part of a version: Firestore counts a write that changes nothing as none. */
interface Version {
  readonly commits: number;
  readonly updateTime: Timestamp;
}

export function firestoreStore(firestore: Firestore, { retentionMs }: FirestoreStoreOptions): WindowStore {
  const partials = firestore.collection(PARTIALS);
  const windows = firestore.collection(WINDOWS);
  const timers = firestoreTimers(firestore, retentionMs);

  function addTo(commit: FirebaseFirestore.WriteBatch, one: Contribution, nowMs: number): void {
    const common = {
      // Marks are found by their id alone.
      w: one.kind === 'partial' ? windowId(one.of) : '',
      kind: one.kind,
      expires_at: Timestamp.fromMillis(expiresAt(nowMs, one.endMs, retentionMs)),
      ...(one.backfill ? { backfill: true } : {}),
      ...(one.fromEndMs === undefined ? {} : { from_end: one.fromEndMs }),
      ...(one.span === undefined ? {} : { span_start: one.span.start, span_end: one.span.end }),
    };
    partsToWrite(one).forEach((data, part) => {
      commit.create(partials.doc(contributionId(one, part)), { ...common, data });
    });
    timers.addTo(commit, one.timers);
  }

  /** All or none; false: at least one was there already. */
  async function createAll(contributions: readonly Contribution[], nowMs: number): Promise<boolean> {
    const commit = firestore.batch();
    for (const contribution of contributions) addTo(commit, contribution, nowMs);
    return commit.commit().then(
      () => true,
      (error: { code?: number }) => {
        if (error.code === ALREADY_EXISTS) return false;
        throw error;
      },
    );
  }

  async function createOne(contribution: Contribution, nowMs: number): Promise<Outcome> {
    if (await createAll([contribution], nowMs)) return { created: true, kind: contribution.kind };
    const present = await partials.doc(contributionId(contribution, 0)).get();
    return { created: false, kind: (present.get('kind') as Outcome['kind'] | undefined) ?? 'partial' };
  }

  return {
    async contribute(contributions, nowMs) {
      const outcomes: Outcome[] = [];
      for (const group of groups(contributions)) {
        if (await createAll(group, nowMs))
          outcomes.push(...group.map(({ kind }) => ({ created: true, kind })));
        else if (group.length === 1) outcomes.push(await createOne(group[0]!, nowMs));
        else outcomes.push(...(await Promise.all(group.map((one) => createOne(one, nowMs)))));
      }
      return outcomes;
    },

    async partsOf(of) {
      const parts = new Map<string, StoredPart[]>(of.map((one) => [windowId(one), []]));
      const found = await Promise.all(
        chunksOf([...parts.keys()], MAX_IN).map((ids) => partials.where('w', 'in', ids).get()),
      );
      for (const doc of found.flatMap(({ docs }) => docs))
        parts.get(String(doc.get('w')))?.push(readPart(doc));
      for (const each of parts.values()) each.sort((a, b) => (a.id < b.id ? -1 : 1));
      return of.map((one) => parts.get(windowId(one))!);
    },

    async statesOf(of) {
      const found = await Promise.all(
        chunksOf(of, MAX_READS).map((some) =>
          firestore.getAll(...some.map((window) => windows.doc(windowId(window)))),
        ),
      );
      return found.flat().map((doc) => {
        if (!doc.exists || doc.updateTime === undefined) return null;
        const version: Version = { commits: Number(doc.get('commits')), updateTime: doc.updateTime };
        return { state: readState(doc), version };
      });
    },

    async commit(changes) {
      const commit = firestore.batch();
      const commits = changes.map(({ previous }) => ((previous?.version as Version)?.commits ?? 0) + 1);
      changes.forEach(({ of, previous, next }, i) => {
        const doc = windows.doc(windowId(of));
        const fields = { ...fieldsOf(of, next), commits: commits[i]! };
        if (previous === null) commit.create(doc, fields);
        else
          commit.update(doc, fields, {
            lastUpdateTime: (previous.version as Version).updateTime,
          } satisfies Precondition);
      });
      try {
        const results = await commit.commit();
        return changes.map(({ next }, i) => ({
          state: next,
          version: { commits: commits[i]!, updateTime: results[i]!.writeTime } satisfies Version,
        }));
      } catch (error) {
        const { code } = error as { code?: number };
        if (code === ALREADY_EXISTS || code === FAILED_PRECONDITION || code === ABORTED) return null;
        throw error;
      }
    },

    noteTimers: timers.note,
    timersDone: timers.done,
    overdueTimers: timers.overdue,
    replaceTimer: timers.replace,
  };
}

/** A mark takes a document too. */
const partsToWrite = ({ kind, parts }: Contribution): readonly string[] =>
  kind === 'partial' ? parts : [''];

const contributionId = ({ of, batchId, span }: Contribution, part: number): string =>
  partialId(of, batchId, span === undefined ? part : `${span.start} ${part}`);

/** Contributions in groups that fit a commit. */
function* groups(contributions: readonly Contribution[]): Generator<Contribution[]> {
  let group: Contribution[] = [];
  let writes = 0;
  let chars = 0;
  for (const one of contributions) {
    const size = one.parts.reduce((sum, part) => sum + part.length, 0);
    const more = partsToWrite(one).length + one.timers.length;
    if (group.length > 0 && (writes + more > MAX_WRITES || chars + size > MAX_COMMIT_CHARS)) {
      yield group;
      group = [];
      writes = 0;
      chars = 0;
    }
    group.push(one);
    writes += more;
    chars += size;
  }
  if (group.length > 0) yield group;
}

function readPart(doc: DocumentSnapshot): StoredPart {
  const fromEnd: unknown = doc.get('from_end');
  const [start, end]: unknown[] = [doc.get('span_start'), doc.get('span_end')];
  return {
    id: doc.id,
    data: String(doc.get('data')),
    createdAtMs: doc.createTime?.toMillis() ?? 0,
    ...(doc.get('backfill') === true ? { backfill: true } : {}),
    ...(typeof fromEnd === 'number' ? { fromEndMs: fromEnd } : {}),
    ...(typeof start === 'number' && typeof end === 'number' ? { span: { start, end } } : {}),
  };
}

const fieldsOf = ({ job, window, key }: JobWindow, { rows, sealAtMs }: WindowState) => ({
  job,
  start: window.start,
  end: window.end,
  ...(key === undefined ? {} : { key }),
  rows: rows.map((row) => ({ ...row })),
  seal_at: sealAtMs,
  expires_at: Timestamp.fromMillis(sealAtMs + STATE_TTL_MS),
});

const readState = (doc: DocumentSnapshot): WindowState => ({
  rows: (doc.get('rows') as RowState[]).map(
    ({ start, end, revision, digest, parts, written, tombstone }) => ({
      ...{ start, end, revision, digest, parts, written, tombstone },
    }),
  ),
  sealAtMs: Number(doc.get('seal_at')),
});

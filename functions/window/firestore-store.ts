/**
 * The window store on Firestore. Collections: `window_partials` (one document a part; `expires_at` is its TTL
 * field; field `data` is exempt from indexing) and `windows` (the state of each window).
 *
 * Guarantee: a contribution is created once, whatever is delivered how often; a state is written only by the
 * one whose precondition holds. Under pressure Firestore answers with errors, which fail the batch or the timer,
 * and it comes again.
 */
import { type Firestore, type Precondition, Timestamp } from '@google-cloud/firestore';
import type { Contribution, Outcome, StoredPart, WindowState, WindowStore } from './store.ts';
import { type JobWindow, partialId, windowId } from './window-id.ts';

const PARTIALS = 'window_partials';
const WINDOWS = 'windows';

const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;

/** A commit takes 500 writes and 10 MiB. */
const MAX_WRITES = 400;
const MAX_COMMIT_CHARS = 3_000_000;

/** The state of a window outlives its partials, so that a late backfill finds it sealed: about 13 months. */
const STATE_TTL_MS = 400 * 86_400_000;

export interface FirestoreStoreOptions {
  /** How long partials are kept, in ms. */
  readonly partialTtlMs: number;
}

export function firestoreStore(firestore: Firestore, options: FirestoreStoreOptions): WindowStore {
  const partials = firestore.collection(PARTIALS);
  const windows = firestore.collection(WINDOWS);

  function addTo(commit: FirebaseFirestore.WriteBatch, contribution: Contribution, nowMs: number): void {
    const common = {
      w: windowId(contribution.of),
      kind: contribution.kind,
      expires_at: Timestamp.fromMillis(nowMs + options.partialTtlMs),
    };
    const parts = contribution.kind === 'late' ? [''] : contribution.parts;
    parts.forEach((data, part) => {
      commit.create(partials.doc(partialId(contribution.of, contribution.batchId, part)), {
        ...common,
        data,
      });
    });
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
    if (contribution.kind === 'partial') return { created: false, kind: 'partial' };
    const present = await partials.doc(partialId(contribution.of, contribution.batchId, 0)).get();
    return { created: false, kind: present.get('kind') === 'late' ? 'late' : 'partial' };
  }

  return {
    async contribute(contributions, nowMs) {
      const outcomes: Outcome[] = [];
      for (const group of groups(contributions)) {
        if (await createAll(group, nowMs))
          outcomes.push(...group.map(({ kind }) => ({ created: true, kind })));
        else outcomes.push(...(await Promise.all(group.map((one) => createOne(one, nowMs)))));
      }
      return outcomes;
    },

    async partsOf(window): Promise<StoredPart[]> {
      const found = await partials.where('w', '==', windowId(window)).get();
      return found.docs
        .filter((doc) => doc.get('kind') === 'partial')
        .map((doc) => ({ id: doc.id, data: String(doc.get('data')) }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },

    async statesOf(jobWindows) {
      if (jobWindows.length === 0) return [];
      const found = await firestore.getAll(...jobWindows.map((window) => windows.doc(windowId(window))));
      return found.map((doc) =>
        doc.exists ? { state: readState(doc.data() ?? {}), version: doc.updateTime } : null,
      );
    },

    async commit(window, previous, next) {
      const doc = windows.doc(windowId(window));
      const fields = {
        ...next,
        ...nameOf(window),
        expires_at: Timestamp.fromMillis(next.sealAtMs + STATE_TTL_MS),
      };
      try {
        const written =
          previous === null
            ? await doc.create(fields)
            : await doc.update(fields, { lastUpdateTime: previous.version } as Precondition);
        return { state: next, version: written.writeTime };
      } catch (error) {
        const { code } = error as { code?: number };
        if (code === ALREADY_EXISTS || code === FAILED_PRECONDITION || code === ABORTED) return null;
        throw error;
      }
    },
  };
}

/** Contributions in groups that fit a commit. */
function* groups(contributions: readonly Contribution[]): Generator<Contribution[]> {
  let group: Contribution[] = [];
  let writes = 0;
  let chars = 0;
  for (const one of contributions) {
    const size = one.parts.reduce((sum, part) => sum + part.length, 0);
    if (group.length > 0 && (writes + one.parts.length > MAX_WRITES || chars + size > MAX_COMMIT_CHARS)) {
      yield group;
      group = [];
      writes = 0;
      chars = 0;
    }
    group.push(one);
    writes += Math.max(1, one.parts.length);
    chars += size;
  }
  if (group.length > 0) yield group;
}

const nameOf = ({ job, window }: JobWindow) => ({ job, start: window.start, end: window.end });

const readState = (fields: Record<string, unknown>): WindowState => ({
  revision: Number(fields.revision),
  digest: String(fields.digest),
  parts: Number(fields.parts),
  written: fields.written === true,
  sealAtMs: Number(fields.sealAtMs),
});

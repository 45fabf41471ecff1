/**
 * Timers that are asked for and not yet done with: documents in `window_timers`, noted with the partial that needs
 * the timer, deleted when its firing is done. What is left after a while is a timer that was lost, and `sweep` finds it
 * by `overdue_at`. Each instance notes a timer in a document of its own, once: Firestore takes about one write a second
 * of a document, and all instances come upon a new window at the same time. Costs a write and a delete per window and
 * instance, not per partial.
 */
import { randomUUID } from 'node:crypto';
import { type DocumentSnapshot, type Firestore, Timestamp } from '@google-cloud/firestore';
import { TIMERS } from './collections.ts';
import { overdueAt } from './overdue.ts';
import { expiresAt } from './retention.ts';
import type { OverdueTimer, WindowStore } from './store.ts';
import { chunksOf } from './timer-group.ts';
import { hash, type Timer, timerName } from './window-id.ts';

/** Timers in one commit. */
const MAX_WRITES = 400;
/** Values that an `in` of a query takes. */
const MAX_IN = 30;

export function firestoreTimers(firestore: Firestore, retentionMs: number) {
  const collection = firestore.collection(TIMERS);
  const instance = randomUUID();

  function set(commit: FirebaseFirestore.WriteBatch, { of, slotMs }: Timer, asks: number): void {
    const name = timerName({ of, slotMs });
    commit.set(collection.doc(hash(`${name}\n${instance}`)), {
      name,
      job: of.job,
      start: of.window.start,
      end: of.window.end,
      ...(of.key === undefined ? {} : { key: of.key }),
      slot: slotMs,
      asks,
      overdue_at: overdueAt(slotMs, asks),
      expires_at: Timestamp.fromMillis(expiresAt(slotMs, of.window.end, retentionMs)),
    });
  }

  /** The notes that all instances made of timers. */
  async function notesOf(timers: readonly Timer[]): Promise<FirebaseFirestore.DocumentReference[]> {
    const found = await Promise.all(
      chunksOf(timers.map(timerName), MAX_IN).map((names) =>
        collection.where('name', 'in', names).select().get(),
      ),
    );
    return found.flatMap(({ docs }) => docs.map(({ ref }) => ref));
  }

  return {
    /** Notes timers in a commit of others. */
    addTo(commit: FirebaseFirestore.WriteBatch, timers: readonly Timer[]): void {
      for (const timer of timers) set(commit, timer, 0);
    },

    note: async (timers: readonly Timer[]): Promise<void> => {
      for (const some of chunksOf(timers, MAX_WRITES)) {
        const commit = firestore.batch();
        for (const timer of some) set(commit, timer, 0);
        await commit.commit();
      }
    },

    done: async (timers: readonly Timer[]): Promise<void> => {
      for (const notes of chunksOf(await notesOf(timers), MAX_WRITES)) {
        const commit = firestore.batch();
        for (const note of notes) commit.delete(note);
        await commit.commit();
      }
    },

    overdue: async (nowMs: number, limit: number): Promise<OverdueTimer[]> => {
      const found = await collection
        .where('overdue_at', '<=', nowMs)
        .orderBy('overdue_at')
        .limit(limit)
        .get();
      const timers = new Map(found.docs.map((doc) => [String(doc.get('name')), readTimer(doc)]));
      return [...timers.values()];
    },

    replace: async (overdue: OverdueTimer, next: Timer): Promise<void> => {
      const commit = firestore.batch();
      set(commit, next, overdue.asks + 1);
      for (const note of await notesOf([overdue])) commit.delete(note);
      await commit.commit();
    },
  } satisfies Record<string, unknown> & {
    note: WindowStore['noteTimers'];
    done: WindowStore['timersDone'];
    overdue: WindowStore['overdueTimers'];
    replace: WindowStore['replaceTimer'];
  };
}

function readTimer(doc: DocumentSnapshot): OverdueTimer {
  const key: unknown = doc.get('key');
  const window = { start: Number(doc.get('start')), end: Number(doc.get('end')) };
  return {
    of: { job: String(doc.get('job')), window, ...(typeof key === 'string' ? { key } : {}) },
    slotMs: Number(doc.get('slot')),
    asks: Number(doc.get('asks')),
  };
}

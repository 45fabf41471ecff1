/**
 * The store of alerting on Firestore. Collections (collections.ts): a document a service, one for the board, one an
 * outbox entry, one a thread. States are one field of JSON, which is several times faster than a map.
 *
 * Guarantee: a change of state and the outbox entries that it makes are one commit, and it holds only if nothing it was
 * made from had changed. A thread is leased by one sender at a time; a lease ends by itself when its holder dies.
 */
import { createHash } from 'node:crypto';
import {
  type DocumentReference,
  type DocumentSnapshot,
  FieldValue,
  type Firestore,
  type Precondition,
  Timestamp,
  type WriteBatch,
} from '@google-cloud/firestore';
import type { ThreadRef } from './channel/channel.ts';
import { BOARDS, OUTBOX, SERVICES, THREADS } from './collections.ts';
import { type Board, EMPTY_BOARD } from './incident.ts';
import { isActive, newService, type ServiceState } from './service.ts';
import {
  type AlertStore,
  isDue,
  isTogether,
  type OutboxEntry,
  type Settled,
  type Stored,
  type Undelivered,
  type WaitingEntry,
} from './store.ts';

const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const CONFLICTS = new Set<unknown>([ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED]);

/** What nothing depends on any more goes after this time. */
const TTL_MS = 31 * 86_400_000;
/** Of the board there is one; it never goes. */
const BOARD = 'board';

/** The document's own count of commits: Firestore counts a write that changes nothing as none. */
interface Version {
  readonly commits: number;
  readonly updateTime: Timestamp;
}

export function firestoreAlerts(firestore: Firestore): AlertStore {
  const services = firestore.collection(SERVICES);
  const board = firestore.collection(BOARDS).doc(BOARD);
  const outbox = firestore.collection(OUTBOX);
  const threads = firestore.collection(THREADS);
  const serviceDoc = (name: string): DocumentReference => services.doc(idOf(name));

  return {
    async load(names) {
      const [boardDoc, ...docs] = await firestore.getAll(board, ...names.map(serviceDoc));
      const found = names.map((name, i): [string, Stored<ServiceState>] => {
        const doc = docs[i]!;
        const value = doc.exists ? (JSON.parse(String(doc.get('state'))) as ServiceState) : newService(name);
        return [name, { value, version: versionOf(doc) }];
      });
      const value = boardDoc!.exists ? (JSON.parse(String(boardDoc!.get('board'))) as Board) : EMPTY_BOARD;
      return { services: new Map(found), board: { value, version: versionOf(boardDoc!) } };
    },

    async commit(change, nowMs) {
      const batch = firestore.batch();
      for (const { before, next } of change.services) {
        const fields = { service: next.service, state: JSON.stringify(next), active: isActive(next) };
        put(batch, serviceDoc(next.service), before.version as Version | null, fields, nowMs);
      }
      if (change.board !== null) {
        const { before, next } = change.board;
        put(batch, board, before.version as Version | null, { board: JSON.stringify(next) }, nowMs);
      }
      for (const entry of change.outbox) batch.create(outbox.doc(entry.id), entryFields(entry, nowMs));
      return committed(batch);
    },

    async activeServices(limit) {
      const found = await services.where('active', '==', true).limit(limit).get();
      return found.docs.map((doc) => String(doc.get('service')));
    },

    async dueThreads(nowMs, limit) {
      const found = await outbox.where('due_at', '<=', nowMs).orderBy('due_at').limit(limit).get();
      const channels = new Map(
        found.docs.map((doc) => [String(doc.get('thread')), String(doc.get('channel'))]),
      );
      return [...channels].map(([thread, channel]) => ({ thread, channel }));
    },

    async lease(thread, nowMs, untilMs) {
      const of = threads.doc(thread);
      const [doc, found] = await Promise.all([of.get(), outbox.where('thread', '==', thread).get()]);
      if (Number(doc.get('lease_until') ?? 0) > nowMs) return null;
      const waiting = found.docs
        .filter((entry) => entry.get('state') === 'waiting')
        .sort((a, b) => Number(a.get('sequence')) - Number(b.get('sequence')));
      const entries = waiting.map(readEntry);
      if (!isDue(entries, nowMs)) return null;
      const batch = firestore.batch();
      put(batch, of, versionOf(doc), { lease_until: untilMs, ref: doc.get('ref') ?? null }, nowMs);
      // Before anything is sent: who comes after a crash knows that it may have been.
      for (const [i, entry] of waiting.entries())
        if (!isTogether(entries, i)) batch.update(entry.ref, { attempts: FieldValue.increment(1) });
      if (!(await committed(batch))) return null;
      return { thread, ref: readRef(doc), entries };
    },

    async settle(entry, settled, more, nowMs) {
      const batch = firestore.batch();
      batch.update(outbox.doc(entry.id), settledFields(settled, entry.attempt));
      if (settled.state === 'sent')
        batch.update(threads.doc(entry.thread), { ref: JSON.stringify(settled.ref) });
      for (const one of more) batch.set(outbox.doc(one.id), entryFields(one, nowMs));
      await batch.commit();
    },

    async release(thread) {
      await threads.doc(thread).update({ lease_until: 0 });
    },

    async undelivered(limit) {
      const found = await outbox.where('state', 'in', ['waiting', 'failed']).limit(limit).get();
      return found.docs.map(readUndelivered);
    },

    async retry(nowMs) {
      const found = await outbox.where('state', 'in', ['waiting', 'failed']).limit(400).get();
      const batch = firestore.batch();
      for (const doc of found.docs) batch.update(doc.ref, { state: 'waiting', due_at: nowMs });
      await batch.commit();
      return found.size;
    },
  };
}

const idOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 40);

function versionOf(doc: DocumentSnapshot): Version | null {
  if (!doc.exists || doc.updateTime === undefined) return null;
  return { commits: Number(doc.get('commits')), updateTime: doc.updateTime };
}

function put(
  batch: WriteBatch,
  of: DocumentReference,
  version: Version | null,
  fields: Readonly<Record<string, unknown>>,
  nowMs: number,
): void {
  const all = {
    ...fields,
    commits: (version?.commits ?? 0) + 1,
    expires_at: Timestamp.fromMillis(nowMs + TTL_MS),
  };
  if (version === null) batch.create(of, all);
  else batch.update(of, all, { lastUpdateTime: version.updateTime } satisfies Precondition);
}

async function committed(batch: WriteBatch): Promise<boolean> {
  return batch.commit().then(
    () => true,
    (error: { readonly code?: unknown }) => {
      if (CONFLICTS.has(error.code)) return false;
      throw error;
    },
  );
}

const entryFields = ({ thread, sequence, channel, data, replaceable }: OutboxEntry, nowMs: number) => ({
  ...{ thread, sequence, channel, data, replaceable },
  ...{ state: 'waiting', attempts: 0, due_at: nowMs, created_at: nowMs, why: '' },
  expires_at: Timestamp.fromMillis(nowMs + TTL_MS),
});

/** What is done with is due never: it leaves the index that senders look at. */
function settledFields(settled: Settled, attempt: number): Record<string, unknown> {
  if (settled.state === 'waiting') {
    const attempts = settled.tried ? attempt : attempt - 1;
    return { state: 'waiting', why: settled.why, due_at: settled.dueMs, attempts };
  }
  return { state: settled.state, why: settled.state === 'failed' ? settled.why : '', due_at: null };
}

const readEntry = (doc: DocumentSnapshot): WaitingEntry => ({
  id: doc.id,
  thread: String(doc.get('thread')),
  sequence: Number(doc.get('sequence')),
  channel: String(doc.get('channel')),
  data: String(doc.get('data')),
  replaceable: doc.get('replaceable') === true,
  attempt: Number(doc.get('attempts')) + 1,
  dueMs: Number(doc.get('due_at')),
  createdMs: Number(doc.get('created_at')),
});

function readRef(doc: DocumentSnapshot): ThreadRef | null {
  const text: unknown = doc.get('ref');
  return typeof text === 'string' ? (JSON.parse(text) as ThreadRef | null) : null;
}

const readUndelivered = (doc: DocumentSnapshot): Undelivered => ({
  id: doc.id,
  channel: String(doc.get('channel')),
  state: doc.get('state') === 'failed' ? 'failed' : 'waiting',
  attempts: Number(doc.get('attempts')),
  why: String(doc.get('why')),
});

/**
 * Open transactions, optimistic: each remembers what it read, and may commit while all of that is unchanged.
 * Guarantee: transactions that commit are serialisable; one that read what another changed is ABORTED, and
 * Google's clients run it again. A restart ends all; their commits are told that the transaction has expired.
 * Not given: a read-only transaction reads the present, not a snapshot.
 */
import { randomUUID } from 'node:crypto';
import { Failure, invalid, status } from './failure.ts';
import type { StructuredQuery } from './protocol.ts';
import { runQuery } from './query.ts';
import type { DocumentStore } from './store.ts';

interface Transaction {
  readonly startedMs: number;
  /** Document name → its update time as read, 0 when it was missing. */
  readonly documents: Map<string, number>;
  readonly queries: { readonly parent: string; readonly query: StructuredQuery; readonly result: string }[];
}

/** Firestore's own limit on a transaction's life. */
const LIFETIME_MS = 270_000;

export class Transactions {
  readonly #store: DocumentStore;
  readonly #now: () => number;
  readonly #open = new Map<string, Transaction>();

  constructor(store: DocumentStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  begin(): Buffer {
    for (const [id, { startedMs }] of this.#open) {
      if (this.#now() - startedMs < LIFETIME_MS) break;
      this.#open.delete(id);
    }
    const id = randomUUID();
    this.#open.set(id, { startedMs: this.#now(), documents: new Map(), queries: [] });
    return Buffer.from(id);
  }

  /** Notes that a document was read in this state. */
  noteDocument(id: Uint8Array, name: string, updateUs: number): void {
    const { documents } = this.#get(id);
    // A later read that differs means the first no longer holds: the first stays, and the commit will find out.
    if (!documents.has(name)) documents.set(name, updateUs);
  }

  /** Notes that a query gave this result. */
  noteQuery(id: Uint8Array, parent: string, query: StructuredQuery): void {
    this.#get(id).queries.push({ parent, query, result: this.#resultOf(parent, query) });
  }

  /** Ends a transaction before its writes are applied; throws ABORTED when something it read has changed. */
  finish(id: Uint8Array): void {
    const { documents, queries } = this.#get(id);
    this.rollback(id);
    for (const [name, updateUs] of documents) {
      if ((this.#store.entry(name)?.updateUs ?? 0) !== updateUs) throw contention();
    }
    for (const { parent, query, result } of queries) {
      if (this.#resultOf(parent, query) !== result) throw contention();
    }
  }

  rollback(id: Uint8Array): void {
    this.#open.delete(textOf(id));
  }

  #get(id: Uint8Array): Transaction {
    const transaction = this.#open.get(textOf(id));
    if (transaction) return transaction;
    throw invalid('The referenced transaction has expired or is no longer valid.');
  }

  #resultOf(parent: string, query: StructuredQuery): string {
    return runQuery(this.#store, parent, query)
      .map(({ name, updateUs }) => `${name}@${updateUs}`)
      .join('\n');
  }
}

const textOf = (id: Uint8Array): string => Buffer.from(id).toString('utf8');

const contention = (): Failure =>
  new Failure(
    status.ABORTED,
    'Aborted due to cross-transaction contention. This occurs when multiple transactions attempt to access the same data, requiring Firestore to abort at least one in order to enforce serializability.',
  );

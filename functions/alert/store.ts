/** What alerting needs of its store, as an interface: Firestore stands behind it in functions, memory in tests. */
import type { ThreadRef } from './channel/channel.ts';
import type { Board } from './incident.ts';
import type { ServiceState } from './service.ts';

/** The store's own proof that something was not changed meanwhile. */
export type Version = unknown;

export interface Stored<T> {
  readonly value: T;
  /** null: it is not there yet. */
  readonly version: Version | null;
}

export interface Loaded {
  readonly services: ReadonlyMap<string, Stored<ServiceState>>;
  readonly board: Stored<Board>;
}

/** What must go out because of a change; committed together with it. */
export interface OutboxEntry {
  /** Deterministic: the same change makes the same entry. */
  readonly id: string;
  /** What is sent in order: an incident on a channel. */
  readonly thread: string;
  readonly sequence: number;
  readonly channel: string;
  /** What is sent, as JSON. */
  readonly data: string;
  /** An update: it may be told with the next that waits. */
  readonly replaceable: boolean;
}

export interface StateChange {
  readonly services: readonly { readonly before: Stored<ServiceState>; readonly next: ServiceState }[];
  readonly board: { readonly before: Stored<Board>; readonly next: Board } | null;
  readonly outbox: readonly OutboxEntry[];
}

export interface WaitingEntry extends OutboxEntry {
  /** Attempts so far, with the one that the lease is for. */
  readonly attempt: number;
  readonly dueMs: number;
  readonly createdMs: number;
}

export interface Lease {
  readonly thread: string;
  readonly ref: ThreadRef | null;
  /** What waits, in order. */
  readonly entries: readonly WaitingEntry[];
}

/** Whether an entry can be told with those that wait behind it: then a lease is no attempt at it. */
export const isTogether = (entries: readonly { readonly replaceable: boolean }[], at: number): boolean =>
  entries[at]!.replaceable && at < entries.length - 1;

/** Whether it is time for a thread: for what is sent first of what waits. */
export function isDue(entries: readonly WaitingEntry[], nowMs: number): boolean {
  const first = entries.find((entry, i) => !isTogether(entries, i) || entry.attempt > 1);
  return first !== undefined && first.dueMs <= nowMs;
}

/** What became of an entry of a leased thread. */
export type Settled =
  | { readonly state: 'sent'; readonly ref: ThreadRef | null }
  | { readonly state: 'replaced' }
  | { readonly state: 'failed'; readonly why: string }
  /** tried: it may have come through all the same. */
  | { readonly state: 'waiting'; readonly why: string; readonly dueMs: number; readonly tried: boolean };

/** An entry that did not go out, for those who look. */
export interface Undelivered {
  readonly id: string;
  readonly channel: string;
  readonly state: 'waiting' | 'failed';
  readonly attempts: number;
  readonly why: string;
}

export interface AlertStore {
  /** The states of services and the board; what is not there is empty. */
  load(services: readonly string[]): Promise<Loaded>;
  /** All or nothing; false: something was changed since it was loaded. */
  commit(change: StateChange, nowMs: number): Promise<boolean>;
  /** Services that the clock may change. */
  activeServices(limit: number): Promise<readonly string[]>;
  /** Threads with something that is due, by channel. */
  dueThreads(
    nowMs: number,
    limit: number,
  ): Promise<readonly { readonly thread: string; readonly channel: string }[]>;
  /** Takes a thread for a while; null: somebody else has it, or nothing of it is due. */
  lease(thread: string, nowMs: number, untilMs: number): Promise<Lease | null>;
  /** Keeps what became of an entry, and what must be sent because of it. */
  settle(entry: WaitingEntry, settled: Settled, more: readonly OutboxEntry[], nowMs: number): Promise<void>;
  /** Gives a thread back. */
  release(thread: string): Promise<void>;
  undelivered(limit: number): Promise<readonly Undelivered[]>;
  /** Makes what failed or waits due at once; returns how many. */
  retry(nowMs: number): Promise<number>;
}

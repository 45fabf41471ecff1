/** The store of alerting in memory, for tests: the same promises as Firestore, by version numbers. */
import type { ThreadRef } from '../../../functions/alert/channel/channel.ts';
import { type Board, EMPTY_BOARD } from '../../../functions/alert/incident.ts';
import { isActive, newService, type ServiceState } from '../../../functions/alert/service.ts';
import {
  type AlertStore,
  isDue,
  isTogether,
  type OutboxEntry,
  type Stored,
  type WaitingEntry,
} from '../../../functions/alert/store.ts';

interface Kept extends WaitingEntry {
  readonly state: 'waiting' | 'sent' | 'replaced' | 'failed';
  readonly why: string;
}

export class MemoryAlerts implements AlertStore {
  readonly #services = new Map<string, Stored<ServiceState>>();
  #board: Stored<Board> = { value: EMPTY_BOARD, version: null };
  readonly #outbox = new Map<string, Kept>();
  readonly #threads = new Map<string, { ref: ThreadRef | null; leaseUntil: number }>();
  #version = 0;

  get board(): Board {
    return this.#board.value;
  }

  async load(names: readonly string[]) {
    const found = names.map((name): [string, Stored<ServiceState>] => [
      name,
      this.#services.get(name) ?? { value: newService(name), version: null },
    ]);
    return { services: new Map(found), board: this.#board };
  }

  async commit({ services, board, outbox }: Parameters<AlertStore['commit']>[0], nowMs: number) {
    const holds =
      services.every(
        ({ before, next }) => (this.#services.get(next.service)?.version ?? null) === before.version,
      ) &&
      (board === null || board.before.version === this.#board.version) &&
      outbox.every(({ id }) => !this.#outbox.has(id));
    if (!holds) return false;
    this.#version++;
    for (const { next } of services)
      this.#services.set(next.service, { value: next, version: this.#version });
    if (board !== null) this.#board = { value: board.next, version: this.#version };
    for (const entry of outbox) this.#add(entry, nowMs);
    return true;
  }

  async activeServices(limit: number) {
    return [...this.#services]
      .flatMap(([name, { value }]) => (isActive(value) ? [name] : []))
      .slice(0, limit);
  }

  async dueThreads(nowMs: number, limit: number) {
    const due = [...this.#outbox.values()].filter(
      ({ state, dueMs }) => state === 'waiting' && dueMs <= nowMs,
    );
    return [...new Map(due.map(({ thread, channel }) => [thread, channel]))]
      .slice(0, limit)
      .map(([thread, channel]) => ({ thread, channel }));
  }

  async lease(thread: string, nowMs: number, untilMs: number) {
    const known = this.#threads.get(thread) ?? { ref: null, leaseUntil: 0 };
    const waiting = [...this.#outbox.values()]
      .filter((entry) => entry.thread === thread && entry.state === 'waiting')
      .sort((a, b) => a.sequence - b.sequence);
    const entries = waiting.map((entry) => ({ ...entry, attempt: entry.attempt + 1 }));
    if (known.leaseUntil > nowMs || !isDue(entries, nowMs)) return null;
    this.#threads.set(thread, { ...known, leaseUntil: untilMs });
    for (const [i, entry] of entries.entries())
      if (!isTogether(entries, i)) this.#outbox.set(entry.id, entry);
    return { thread, ref: known.ref, entries };
  }

  async settle(...[entry, settled, more, nowMs]: Parameters<AlertStore['settle']>) {
    const why = 'why' in settled ? settled.why : '';
    const dueMs = settled.state === 'waiting' ? settled.dueMs : Number.POSITIVE_INFINITY;
    const attempt = settled.state === 'waiting' && !settled.tried ? entry.attempt - 1 : entry.attempt;
    this.#outbox.set(entry.id, { ...this.#outbox.get(entry.id)!, state: settled.state, why, dueMs, attempt });
    const thread = this.#threads.get(entry.thread);
    if (settled.state === 'sent' && thread !== undefined) thread.ref = settled.ref;
    for (const one of more) this.#add(one, nowMs);
  }

  async release(thread: string) {
    this.#threads.get(thread)!.leaseUntil = 0;
  }

  async undelivered(limit: number) {
    return [...this.#outbox.values()]
      .filter(({ state }) => state === 'waiting' || state === 'failed')
      .slice(0, limit)
      .map(({ id, channel, state, attempt, why }) => ({
        ...{ id, channel, why, attempts: attempt },
        state: state as 'waiting' | 'failed',
      }));
  }

  async retry(nowMs: number) {
    const found = [...this.#outbox.values()].filter(({ state }) => state === 'waiting' || state === 'failed');
    for (const entry of found) this.#outbox.set(entry.id, { ...entry, state: 'waiting', dueMs: nowMs });
    return found.length;
  }

  #add(entry: OutboxEntry, nowMs: number): void {
    this.#outbox.set(entry.id, {
      ...entry,
      attempt: 0,
      dueMs: nowMs,
      createdMs: nowMs,
      state: 'waiting',
      why: '',
    });
  }
}

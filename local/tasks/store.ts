/**
 * All queues, pending tasks and names that may not be used again, kept in a journal.
 * Guarantee: a change is in the journal before the call that made it returns; `TaskStore` over the same folder
 * continues with the same state. The state is what the entries say, one by one: live and replayed alike.
 */
import { join } from 'node:path';
import { Journal } from './journal.ts';
import { type Attempt, type Queue, queueNameOf, type Task } from './resource.ts';

/** What a failed attempt changes in its task. */
export interface Retry {
  readonly scheduleMs: number;
  readonly dispatchCount: number;
  readonly responseCount: number;
  readonly executionCount: number;
  readonly firstAttempt: Attempt;
  readonly lastAttempt: Attempt;
}

type Entry =
  | { readonly op: 'queue'; readonly queue: Queue }
  | { readonly op: 'dropQueue'; readonly name: string }
  | { readonly op: 'task'; readonly task: Task }
  | { readonly op: 'retry'; readonly name: string; readonly retry: Retry }
  | { readonly op: 'end'; readonly name: string; readonly blockedUntilMs: number };

/** How long a name stays taken after its task ran or was deleted. */
const NAME_BLOCKED_MS = 3_600_000;

export class TaskStore {
  readonly #journal: Journal<Entry>;
  readonly #queues = new Map<string, { queue: Queue; readonly tasks: Map<string, Task> }>();
  /** Name → when it is free again; oldest first. */
  readonly #blocked = new Map<string, number>();
  readonly #now: () => number;

  constructor(dataDir: string, now: () => number) {
    this.#now = now;
    this.#journal = new Journal<Entry>(
      join(dataDir, 'tasks.ndjson'),
      (entry) => this.#apply(entry),
      () => this.#entries(),
    );
  }

  queues(): Queue[] {
    return [...this.#queues.values()].map((held) => held.queue);
  }

  queue(name: string): Queue | undefined {
    return this.#queues.get(name)?.queue;
  }

  /** Pending tasks of a queue, oldest first. */
  tasks(queueName: string): ReadonlyMap<string, Task> {
    return this.#queues.get(queueName)?.tasks ?? new Map();
  }

  task(name: string): Task | undefined {
    return this.#queues.get(queueNameOf(name))?.tasks.get(name);
  }

  /** Whether a task of this name ran or was deleted so lately that the name is still taken. */
  isBlocked(name: string): boolean {
    return (this.#blocked.get(name) ?? 0) > this.#now();
  }

  putQueue(queue: Queue): void {
    this.#record({ op: 'queue', queue });
  }

  dropQueue(name: string): void {
    this.#record({ op: 'dropQueue', name });
  }

  addTask(task: Task): void {
    this.#record({ op: 'task', task });
  }

  retryTask(name: string, retry: Retry): void {
    this.#record({ op: 'retry', name, retry });
  }

  /** The task is over, by success, by giving up or by deletion. */
  endTask(name: string): void {
    this.#record({ op: 'end', name, blockedUntilMs: this.#now() + NAME_BLOCKED_MS });
  }

  /** Size of the journal. */
  get journalBytes(): number {
    return this.#journal.bytes;
  }

  /** Ends with a compact journal. */
  close(): void {
    this.#journal.compact();
    this.#journal.close();
  }

  #record(entry: Entry): void {
    // Applied first: the journal may compact at once, and its snapshot must hold this entry. Nothing is
    // acknowledged in between, all of it runs in one turn.
    this.#apply(entry);
    this.#journal.append(entry);
  }

  #apply(entry: Entry): void {
    if (entry.op === 'queue') this.#setQueue(entry.queue);
    else if (entry.op === 'dropQueue') this.#queues.delete(entry.name);
    else if (entry.op === 'task')
      this.#queues.get(queueNameOf(entry.task.name))?.tasks.set(entry.task.name, entry.task);
    else if (entry.op === 'retry') this.#retry(entry.name, entry.retry);
    else this.#end(entry.name, entry.blockedUntilMs);
  }

  #setQueue(queue: Queue): void {
    const held = this.#queues.get(queue.name);
    if (held) held.queue = queue;
    else this.#queues.set(queue.name, { queue, tasks: new Map() });
  }

  #retry(name: string, retry: Retry): void {
    const tasks = this.#queues.get(queueNameOf(name))?.tasks;
    const task = tasks?.get(name);
    if (tasks && task) tasks.set(name, { ...task, ...retry });
  }

  #end(name: string, blockedUntilMs: number): void {
    this.#queues.get(queueNameOf(name))?.tasks.delete(name);
    this.#blocked.delete(name);
    this.#blocked.set(name, blockedUntilMs);
    for (const [oldest, untilMs] of this.#blocked) {
      if (untilMs > this.#now()) break;
      this.#blocked.delete(oldest);
    }
  }

  *#entries(): Generator<Entry> {
    for (const { queue, tasks } of this.#queues.values()) {
      yield { op: 'queue', queue };
      for (const task of tasks.values()) yield { op: 'task', task };
    }
    const nowMs = this.#now();
    for (const [name, blockedUntilMs] of this.#blocked) {
      if (blockedUntilMs > nowMs) yield { op: 'end', name, blockedUntilMs };
    }
  }
}

/**
 * Runs the tasks of one queue: sends what is due, within the queue's rate and concurrency, and decides what an
 * answer means.
 *
 *   created ─▶ waiting ──due, token, slot──▶ in flight ──2xx──▶ gone (its name stays taken for an hour)
 *                 ▲                              │
 *                 └──── back-off ◀── other, none ┴──attempts used up──▶ gone
 *
 * Guarantee: at least once. An attempt is not written down before it is made: after a crash it is made again.
 * Under pressure: tasks wait here, oldest due first; nothing is dropped for want of speed.
 */
import type { Timers } from '../timers.ts';
import { backoffMs, isExhausted } from './backoff.ts';
import type { Dispatch, Outcome } from './dispatch.ts';
import { DueHeap } from './due-heap.ts';
import type { Attempt, Queue, Task } from './resource.ts';
import type { TaskStore } from './store.ts';
import { TokenBucket } from './token-bucket.ts';

/** Counted since the start. */
export interface DispatchCounts {
  /** Attempts made. */
  dispatched: number;
  /** Attempts not answered by 2xx. */
  failed: number;
  /** Tasks given up after their last attempt. */
  dropped: number;
}

export interface RunnerOptions {
  readonly queueName: string;
  readonly store: TaskStore;
  readonly timers: Timers;
  readonly dispatch: Dispatch;
  readonly counts: DispatchCounts;
}

const LATE = 'DEADLINE_EXCEEDED: the target did not answer within the dispatch deadline';
const STOPPED = 'CANCELLED: the queue service stopped';

export class QueueRunner {
  readonly #options: RunnerOptions;
  readonly #due = new DueHeap();
  readonly #inFlight = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
  readonly #bucket: TokenBucket;
  #cancelTimer: () => void = () => {};
  #stopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { rateLimits } = this.#queue()!;
    const { maxDispatchesPerSecond, maxBurstSize } = rateLimits;
    this.#bucket = new TokenBucket(maxDispatchesPerSecond, maxBurstSize, options.timers.now());
    for (const task of options.store.tasks(options.queueName).values())
      this.#due.push(task.name, task.scheduleMs);
    this.pump();
  }

  /** Takes up a task just added. */
  add(task: Task): void {
    this.#due.push(task.name, task.scheduleMs);
    if (this.#due.peek()?.name === task.name) this.pump();
  }

  /** Sends a task now, whatever the queue's state, limits and the task's own time say. */
  force(task: Task): void {
    if (!this.#inFlight.has(task.name)) this.#start(task);
  }

  /** The queue's settings or state changed. */
  refresh(): void {
    const queue = this.#queue();
    if (!queue) return;
    const { maxDispatchesPerSecond, maxBurstSize } = queue.rateLimits;
    this.#bucket.adjust(maxDispatchesPerSecond, maxBurstSize, this.#options.timers.now());
    this.pump();
  }

  /** Sends what may be sent and sets the timer for what comes next. */
  pump(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    const { timers } = this.#options;
    while (!this.#stopped) {
      const queue = this.#queue();
      const head = this.#nextWaiting();
      if (!queue || !head || queue.state === 'PAUSED') return;
      // With every slot taken, the next answer pumps again.
      if (this.#inFlight.size >= queue.rateLimits.maxConcurrentDispatches) return;
      const waitMs = head.scheduleMs - timers.now();
      const delayMs = waitMs > 0 ? waitMs : this.#bucket.take(timers.now());
      if (delayMs > 0) {
        this.#cancelTimer = timers.after(delayMs, () => this.pump());
        return;
      }
      this.#due.pop();
      this.#start(head);
    }
  }

  /** Sends no more; answers that do not come within `graceMs` are not waited for. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    const hurry = setTimeout(() => {
      for (const { abort } of this.#inFlight.values()) abort.abort(STOPPED);
    }, graceMs);
    await Promise.all([...this.#inFlight.values()].map(({ done }) => done));
    clearTimeout(hurry);
  }

  #queue(): Queue | undefined {
    return this.#options.store.queue(this.#options.queueName);
  }

  /** The task at the head of the heap, after throwing out entries that the task has moved on from. */
  #nextWaiting(): Task | undefined {
    for (;;) {
      const entry = this.#due.peek();
      if (!entry) return undefined;
      const task = this.#options.store.task(entry.name);
      if (task && task.scheduleMs === entry.dueMs && !this.#inFlight.has(entry.name)) return task;
      this.#due.pop();
    }
  }

  #start(task: Task): void {
    const abort = new AbortController();
    const done = this.#attempt(task, abort).finally(() => {
      this.#inFlight.delete(task.name);
      const left = this.#options.store.task(task.name);
      if (left) this.#due.push(left.name, left.scheduleMs);
      this.pump();
    });
    this.#inFlight.set(task.name, { abort, done });
  }

  async #attempt(task: Task, abort: AbortController): Promise<void> {
    const { store, timers, counts } = this.#options;
    const dispatchMs = timers.now();
    counts.dispatched++;
    const cancelDeadline = timers.after(task.dispatchDeadlineMs, () => abort.abort(LATE));
    const outcome = await this.#options.dispatch(task, abort.signal);
    cancelDeadline();
    if (abort.signal.reason === STOPPED && outcome.httpStatus === undefined) return;
    const success = outcome.httpStatus !== undefined && outcome.httpStatus >= 200 && outcome.httpStatus < 300;
    if (!success) counts.failed++;
    // Deleted or purged meanwhile, perhaps made anew under the same name after a queue was dropped.
    const now = store.task(task.name);
    if (now?.createMs !== task.createMs) return;
    if (success) store.endTask(task.name);
    else this.#fail(now, dispatchMs, outcome);
  }

  #fail(task: Task, dispatchMs: number, outcome: Outcome): void {
    const { store, timers, counts } = this.#options;
    const queue = this.#queue();
    if (!queue) return;
    const nowMs = timers.now();
    const attempt = attemptOf(task, dispatchMs, nowMs, outcome);
    const firstAttempt = task.firstAttempt ?? attempt;
    const dispatchCount = task.dispatchCount + 1;
    if (isExhausted(queue.retryConfig, dispatchCount, firstAttempt.dispatchMs, nowMs)) {
      counts.dropped++;
      store.endTask(task.name);
      return;
    }
    const delayMs = Math.max(backoffMs(queue.retryConfig, dispatchCount), outcome.retryAfterMs ?? 0);
    const answered = outcome.httpStatus !== undefined;
    store.retryTask(task.name, {
      scheduleMs: nowMs + delayMs,
      dispatchCount,
      responseCount: task.responseCount + (answered ? 1 : 0),
      executionCount: task.executionCount + (answered && outcome.httpStatus! < 500 ? 1 : 0),
      firstAttempt,
      lastAttempt: attempt,
    });
  }
}

function attemptOf(task: Task, dispatchMs: number, nowMs: number, outcome: Outcome): Attempt {
  const { httpStatus, message } = outcome;
  const answered = httpStatus === undefined ? {} : { responseMs: nowMs, httpStatus };
  return { scheduleMs: task.scheduleMs, dispatchMs, message, ...answered };
}

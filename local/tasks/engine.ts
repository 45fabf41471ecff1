/**
 * What the API's calls do: queues, tasks and a runner for each queue, without the network in front.
 * Guarantee: when a method returns, what it did is in the journal. Errors are thrown as ApiError with Google's
 * codes and words.
 */
import { randomInt } from 'node:crypto';
import { ApiError } from '../http.ts';
import type { Timers } from '../timers.ts';
import type { Dispatch } from './dispatch.ts';
import { invalid, parseQueue, parseTask } from './json.ts';
import { type Queue, queueNameOf, type Task } from './resource.ts';
import type { TaskApi } from './routes.ts';
import { type DispatchCounts, QueueRunner } from './runner.ts';
import { TaskStore } from './store.ts';

/** How a service or a queue is doing; counts since the start. */
export interface TaskStats extends Readonly<DispatchCounts> {
  /** Tasks not yet over. */
  readonly pending: number;
  /** How long the task that is due longest has waited; 0 when none is due. */
  readonly oldestDueAgeMs: number;
}

const QUEUE_ID = /^[A-Za-z0-9-]{1,100}$/;
const TASK_ID = /^[A-Za-z0-9_-]{1,500}$/;
const STOP_GRACE_MS = 2_000;

export interface EngineOptions {
  readonly dataDir: string;
  readonly timers: Timers;
  readonly dispatch: Dispatch;
  /** How long a stop waits for targets that have not answered; 2 s by default. */
  readonly stopGraceMs?: number;
}

export class TaskEngine implements TaskApi {
  readonly #store: TaskStore;
  readonly #timers: Timers;
  readonly #dispatch: Dispatch;
  readonly #stopGraceMs: number;
  readonly #runners = new Map<string, QueueRunner>();
  readonly #counts: DispatchCounts = { dispatched: 0, failed: 0, dropped: 0 };

  constructor(options: EngineOptions) {
    const { timers } = options;
    this.#timers = timers;
    this.#dispatch = options.dispatch;
    this.#stopGraceMs = options.stopGraceMs ?? STOP_GRACE_MS;
    this.#store = new TaskStore(options.dataDir, () => timers.now());
    for (const queue of this.#store.queues()) this.#run(queue.name);
  }

  stats(): TaskStats {
    const nowMs = this.#timers.now();
    let pending = 0;
    let oldestMs = nowMs;
    for (const queue of this.#store.queues()) {
      const tasks = this.#store.tasks(queue.name);
      pending += tasks.size;
      for (const task of tasks.values()) oldestMs = Math.min(oldestMs, task.scheduleMs);
    }
    return { ...this.#counts, pending, oldestDueAgeMs: nowMs - oldestMs };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop(this.#stopGraceMs)));
    this.#store.close();
  }

  listQueues(parent: string): Queue[] {
    return this.#store.queues().filter((queue) => queue.name.startsWith(`${parent}/queues/`));
  }

  getQueue(name: string): Queue {
    const queue = this.#store.queue(name);
    if (queue) return queue;
    throw new ApiError(
      404,
      'Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize.',
      {
        status: 'NOT_FOUND',
      },
    );
  }

  createQueue(parent: string, json: unknown): Queue {
    const queue = parseQueue(json);
    if (!isChild(queue.name, `${parent}/queues/`, QUEUE_ID)) {
      throw invalid(
        `queue.name must be "${parent}/queues/QUEUE_ID" with letters, digits and hyphens: "${queue.name}"`,
      );
    }
    if (this.#store.queue(queue.name))
      throw new ApiError(409, 'Queue already exists', { status: 'ALREADY_EXISTS' });
    this.#store.putQueue(queue);
    this.#run(queue.name);
    return queue;
  }

  updateQueue(name: string, json: unknown): Queue {
    const base = this.#store.queue(name);
    const fields = typeof json === 'object' ? json : {};
    if (!base) return this.createQueue(name.slice(0, name.lastIndexOf('/queues/')), { ...fields, name });
    return this.#change(parseQueue({ ...fields, name }, base));
  }

  deleteQueue(name: string): undefined {
    this.getQueue(name);
    void this.#runners.get(name)?.stop(this.#stopGraceMs);
    this.#runners.delete(name);
    this.#store.dropQueue(name);
  }

  purgeQueue(name: string): Queue {
    const queue = this.getQueue(name);
    for (const task of [...this.#store.tasks(name).keys()]) this.#store.endTask(task);
    return this.#change({ ...queue, purgeMs: this.#timers.now() });
  }

  setState(name: string, state: Queue['state']): Queue {
    return this.#change({ ...this.getQueue(name), state });
  }

  listTasks(queueName: string): Task[] {
    this.getQueue(queueName);
    return [...this.#store.tasks(queueName).values()];
  }

  getTask(name: string): Task {
    this.getQueue(queueNameOf(name));
    const task = this.#store.task(name);
    if (task) return task;
    const message = this.#store.isBlocked(name)
      ? 'The task no longer exists, though a task with this name existed recently. The task either successfully completed or was deleted.'
      : 'Requested entity was not found.';
    throw new ApiError(404, message, { status: 'NOT_FOUND' });
  }

  createTask(queueName: string, json: unknown): Task {
    this.getQueue(queueName);
    const task = parseTask(
      json,
      `${queueName}/tasks/${randomInt(2 ** 47)}${randomInt(1e5)}`,
      this.#timers.now(),
    );
    if (!isChild(task.name, `${queueName}/tasks/`, TASK_ID)) {
      throw invalid(
        `task.name must be "${queueName}/tasks/TASK_ID" with letters, digits, hyphens and underscores: "${task.name}"`,
      );
    }
    if (this.#store.task(task.name)) {
      throw new ApiError(409, 'Requested entity already exists', { status: 'ALREADY_EXISTS' });
    }
    if (this.#store.isBlocked(task.name)) {
      throw new ApiError(
        409,
        'The task cannot be created because a task with this name existed too recently.',
        {
          status: 'ALREADY_EXISTS',
        },
      );
    }
    this.#store.addTask(task);
    this.#runners.get(queueName)!.add(task);
    return task;
  }

  deleteTask(name: string): undefined {
    this.getTask(name);
    this.#store.endTask(name);
  }

  runTask(name: string): Task {
    const task = this.getTask(name);
    this.#runners.get(queueNameOf(name))!.force(task);
    return task;
  }

  #change(queue: Queue): Queue {
    this.#store.putQueue(queue);
    this.#runners.get(queue.name)!.refresh();
    return queue;
  }

  #run(queueName: string): void {
    this.#runners.set(
      queueName,
      new QueueRunner({
        queueName,
        store: this.#store,
        timers: this.#timers,
        dispatch: this.#dispatch,
        counts: this.#counts,
      }),
    );
  }
}

/** Whether `name` is `prefix` and an id of the given form. */
function isChild(name: string, prefix: string, id: RegExp): boolean {
  return name.startsWith(prefix) && id.test(name.slice(prefix.length));
}

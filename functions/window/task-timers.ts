/**
 * Timers on Cloud Tasks: one HTTP task per (window, slot), named, so that asking again collapses. Cloud Tasks
 * remembers a name for about an hour after the task ran; it may run one twice, which the close function bears.
 */
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { Timers } from './store.ts';
import { type Timer, timerName } from './window-id.ts';

export interface TaskTimerOptions {
  /** projects/P/locations/L/queues/Q */
  readonly queue: string;
  readonly closeUrl: string;
  /** Service account whose OIDC token the call carries; null: none. */
  readonly identity: string | null;
}

/** What a timer tells the close function. Times in ms since the epoch. */
export interface TimerBody {
  readonly job: string;
  readonly start: number;
  readonly end: number;
  /** Of sessions alone. */
  readonly key?: string | undefined;
  readonly slot: number;
}

/** How many names an instance remembers to have asked for. */
const REMEMBERED = 10_000;
/** ALREADY_EXISTS as gRPC says it, and as the REST transport of tasks 6.3.0 does. */
const EXISTS = new Set<unknown>([6, 409]);

export function taskTimers(client: CloudTasksClient, options: TaskTimerOptions): Timers {
  const asked = new Set<string>();
  const remember = (name: string): void => {
    if (asked.size >= REMEMBERED) asked.delete(asked.values().next().value!);
    asked.add(name);
  };
  return {
    asked: (timer) => asked.has(timerName(timer)),
    async ask(timer) {
      const name = timerName(timer);
      if (asked.has(name)) return;
      try {
        await client.createTask({ parent: options.queue, task: task(name, timer, options) });
      } catch (error) {
        if (!EXISTS.has((error as { code?: unknown }).code)) throw error;
      }
      remember(name);
    },
  };
}

function task(name: string, { of: { job, window, key }, slotMs }: Timer, options: TaskTimerOptions) {
  const body: TimerBody = { job, start: window.start, end: window.end, key, slot: slotMs };
  return {
    name: `${options.queue}/tasks/${name}`,
    scheduleTime: { seconds: Math.floor(slotMs / 1000), nanos: (slotMs % 1000) * 1_000_000 },
    httpRequest: {
      httpMethod: 'POST' as const,
      url: options.closeUrl,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(body)).toString('base64'),
      ...(options.identity === null ? {} : { oidcToken: { serviceAccountEmail: options.identity } }),
    },
  };
}

/**
 * Timers on Cloud Tasks: one HTTP task per (window, slot) or group of windows, named, so that asking again collapses. Cloud Tasks
 * remembers a name for about an hour after the task ran; it may run one twice, which the close function bears.
 */
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { Timers } from './store.ts';
import { groupName } from './timer-group.ts';
import { type Timer, timerName } from './window-id.ts';

export interface TaskTimerOptions {
  /** projects/P/locations/L/queues/Q */
  readonly queue: string;
  readonly closeUrl: string;
  /** Service account whose OIDC token the call carries; null: none. */
  readonly identity: string | null;
}

/** What a task tells the close function. Times in ms since the epoch. */
export interface TimerBody {
  readonly job: string;
  readonly slot: number;
  readonly windows: readonly {
    readonly start: number;
    readonly end: number;
    /** Of sessions alone. */
    readonly key?: string | undefined;
  }[];
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
    async ask(group) {
      const names = group.map(timerName);
      if (names.every((name) => asked.has(name))) return;
      try {
        await client.createTask({ parent: options.queue, task: task(group, options) });
      } catch (error) {
        if (!EXISTS.has((error as { code?: unknown }).code)) throw error;
      }
      for (const name of names) remember(name);
    },
  };
}

function task(group: readonly Timer[], options: TaskTimerOptions) {
  const { of, slotMs } = group[0]!;
  const windows = group.map(({ of: { window, key } }) => ({ start: window.start, end: window.end, key }));
  const body: TimerBody = { job: of.job, slot: slotMs, windows };
  return {
    name: `${options.queue}/tasks/${groupName(group)}`,
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

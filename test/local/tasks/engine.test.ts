import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatchHeaders, type Outcome } from '../../../local/tasks/dispatch.ts';
import { TaskEngine } from '../../../local/tasks/engine.ts';
import type { Task } from '../../../local/tasks/resource.ts';
import { ManualTimers } from '../../manual-timers.ts';

const LOCATION = 'projects/demo/locations/here';
const QUEUE = `${LOCATION}/queues/close`;
const OK: Outcome = { httpStatus: 200, message: 'ok' };
const BUSY: Outcome = { httpStatus: 503, message: 'HTTP status code 503' };

let dataDir: string;
let timers: ManualTimers;
let engine: TaskEngine;
let sent: { task: Task; atMs: number }[];
let answer: (task: Task, signal: AbortSignal) => Promise<Outcome>;

const open = (): TaskEngine =>
  new TaskEngine({
    dataDir,
    timers,
    stopGraceMs: 0,
    dispatch: (task, signal) => {
      sent.push({ task, atMs: timers.now() });
      return answer(task, signal);
    },
  });

/** When things were sent, in ms after the start. */
const times = (): number[] => sent.map(({ atMs }) => atMs - startMs);
let startMs: number;

const taskIn = (delayMs: number, name?: string): Record<string, unknown> => ({
  ...(name === undefined ? {} : { name: `${QUEUE}/tasks/${name}` }),
  scheduleTime: new Date(timers.now() + delayMs).toISOString(),
  httpRequest: { url: 'http://127.0.0.1:1/close' },
});

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tasks-'));
  timers = new ManualTimers();
  startMs = timers.now();
  sent = [];
  answer = async () => OK;
  engine = open();
});

afterEach(async () => {
  await engine.stop();
  await rm(dataDir, { recursive: true });
});

const useQueue = (settings: Record<string, unknown> = {}): void => {
  engine.createQueue(LOCATION, { name: QUEUE, ...settings });
};

describe('a task', () => {
  it('runs at its time, not a millisecond before, and is gone afterwards', async () => {
    useQueue();
    engine.createTask(QUEUE, taskIn(2_500, 'w1'));
    await timers.advance(2_499);
    expect(times()).toEqual([]);
    await timers.advance(1);
    expect(times()).toEqual([2_500]);
    await timers.advance(0);
    expect(engine.listTasks(QUEUE)).toEqual([]);
    expect(engine.stats()).toMatchObject({ pending: 0, dispatched: 1, failed: 0 });
  });

  it('runs at once when its time is past', async () => {
    useQueue();
    engine.createTask(QUEUE, taskIn(-60_000));
    await timers.advance(0);
    expect(times()).toEqual([0]);
  });

  it('runs in order of time, not of creation', async () => {
    useQueue();
    for (const delayMs of [300, 100, 200, 100]) engine.createTask(QUEUE, taskIn(delayMs));
    await timers.advance(1_000);
    expect(times()).toEqual([100, 100, 200, 300]);
  });

  it('is tried again with the back-off of its queue until it succeeds', async () => {
    useQueue({ retryConfig: { minBackoff: '1s', maxBackoff: '5s', maxDoublings: 1 } });
    answer = async () => (sent.length < 5 ? BUSY : OK);
    engine.createTask(QUEUE, taskIn(0));
    await timers.advance(60_000);
    expect(times()).toEqual([0, 1_000, 3_000, 7_000, 12_000]);
    expect(engine.stats()).toMatchObject({ pending: 0, dispatched: 5, failed: 4, dropped: 0 });
  });

  it('waits as long as the target asks for', async () => {
    useQueue();
    answer = async () => (sent.length < 2 ? { ...BUSY, retryAfterMs: 30_000 } : OK);
    engine.createTask(QUEUE, taskIn(0));
    await timers.advance(60_000);
    expect(times()).toEqual([0, 30_000]);
  });

  it('is given up after its last attempt, and its name stays taken', async () => {
    useQueue({ retryConfig: { maxAttempts: 3, minBackoff: '1s' } });
    answer = async () => BUSY;
    engine.createTask(QUEUE, taskIn(0, 'w1'));
    await timers.advance(60_000);
    expect(engine.stats()).toMatchObject({ pending: 0, dispatched: 3, failed: 3, dropped: 1 });
    expect(() => engine.createTask(QUEUE, taskIn(0, 'w1'))).toThrow('existed too recently');
  });

  it('tells its target what came before', async () => {
    useQueue({ retryConfig: { minBackoff: '1s' } });
    const answers = [
      { httpStatus: 404, message: 'HTTP status code 404' },
      BUSY,
      { message: 'UNAVAILABLE: x' },
      OK,
    ];
    answer = async () => answers[sent.length - 1]!;
    engine.createTask(QUEUE, taskIn(0, 'w1'));
    await timers.advance(60_000);
    const headers = sent.map(({ task }) => dispatchHeaders(task));
    expect(headers[0]).toMatchObject({
      'x-cloudtasks-queuename': 'close',
      'x-cloudtasks-taskname': 'w1',
      'x-cloudtasks-taskretrycount': '0',
      'x-cloudtasks-taskexecutioncount': '0',
      'x-cloudtasks-tasketa': (startMs / 1000).toFixed(3),
    });
    expect(headers[0]).not.toHaveProperty('x-cloudtasks-taskpreviousresponse');
    const told = headers.map((each) => [
      each['x-cloudtasks-taskretrycount'],
      each['x-cloudtasks-taskexecutioncount'],
      each['x-cloudtasks-taskpreviousresponse'],
    ]);
    expect(told.slice(1)).toEqual([
      ['1', '1', '404'],
      ['2', '1', '503'],
      ['3', '1', undefined],
    ]);
  });

  it('is cut off at its dispatch deadline and tried again', async () => {
    useQueue({ retryConfig: { minBackoff: '1s' } });
    answer = (_, signal) =>
      sent.length > 1
        ? Promise.resolve(OK)
        : new Promise((resolve) =>
            signal.addEventListener('abort', () => resolve({ message: String(signal.reason) })),
          );
    engine.createTask(QUEUE, { ...taskIn(0), dispatchDeadline: '15s' });
    await timers.advance(60_000);
    expect(times()).toEqual([0, 16_000]);
    expect(sent[1]!.task.lastAttempt?.message).toContain('DEADLINE_EXCEEDED');
  });

  it('can be run before its time and in a paused queue', async () => {
    useQueue();
    engine.setState(QUEUE, 'PAUSED');
    engine.createTask(QUEUE, taskIn(3_600_000, 'w1'));
    engine.runTask(`${QUEUE}/tasks/w1`);
    await timers.advance(0);
    expect(times()).toEqual([0]);
    expect(() => engine.getTask(`${QUEUE}/tasks/w1`)).toThrow('no longer exists');
  });

  it('that is deleted does not run', async () => {
    useQueue();
    engine.createTask(QUEUE, taskIn(1_000, 'w1'));
    engine.deleteTask(`${QUEUE}/tasks/w1`);
    await timers.advance(10_000);
    expect(times()).toEqual([]);
  });

  it('that is deleted while it runs is not tried again', async () => {
    useQueue();
    let finish: (outcome: Outcome) => void = () => {};
    answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    engine.createTask(QUEUE, taskIn(0, 'w1'));
    await timers.advance(0);
    engine.deleteTask(`${QUEUE}/tasks/w1`);
    finish(BUSY);
    await timers.advance(60_000);
    expect(times()).toEqual([0]);
  });
});

describe('a task name', () => {
  it('is refused while the task exists, and for an hour after it ran', async () => {
    useQueue();
    engine.createTask(QUEUE, taskIn(1_000, 'w1'));
    expect(() => engine.createTask(QUEUE, taskIn(5_000, 'w1'))).toThrow('already exists');
    await timers.advance(1_000);
    await timers.advance(3_599_999);
    expect(() => engine.createTask(QUEUE, taskIn(0, 'w1'))).toThrow('existed too recently');
    await timers.advance(1);
    engine.createTask(QUEUE, taskIn(0, 'w1'));
    await timers.advance(0);
    expect(sent).toHaveLength(2);
  });

  it('is refused for an hour after a deletion and after a purge', async () => {
    useQueue();
    engine.createTask(QUEUE, taskIn(9_000, 'w1'));
    engine.createTask(QUEUE, taskIn(9_000, 'w2'));
    engine.deleteTask(`${QUEUE}/tasks/w1`);
    engine.purgeQueue(QUEUE);
    for (const name of ['w1', 'w2'])
      expect(() => engine.createTask(QUEUE, taskIn(0, name))).toThrow('recently');
    await timers.advance(3_600_000);
    expect(times()).toEqual([]);
    for (const name of ['w1', 'w2']) engine.createTask(QUEUE, taskIn(0, name));
    await timers.advance(0);
    expect(sent).toHaveLength(2);
  });

  it('is free in another queue', () => {
    useQueue();
    engine.createQueue(LOCATION, { name: `${LOCATION}/queues/other` });
    engine.createTask(QUEUE, taskIn(1_000, 'w1'));
    const other = { ...taskIn(1_000), name: `${LOCATION}/queues/other/tasks/w1` };
    engine.createTask(`${LOCATION}/queues/other`, other);
    expect(engine.stats().pending).toBe(2);
  });
});

describe('a queue', () => {
  it('sends no faster than its rate once its burst is spent', async () => {
    useQueue({ rateLimits: { maxDispatchesPerSecond: 10 } });
    for (let i = 0; i < 30; i++) engine.createTask(QUEUE, taskIn(0));
    await timers.advance(0);
    expect(sent).toHaveLength(10);
    await timers.advance(1_000);
    expect(sent).toHaveLength(20);
    await timers.advance(1_000);
    expect(sent).toHaveLength(30);
  });

  it('has no more in flight than it may', async () => {
    useQueue({ rateLimits: { maxConcurrentDispatches: 2 } });
    const waiting: ((outcome: Outcome) => void)[] = [];
    answer = () => new Promise((resolve) => waiting.push(resolve));
    for (let i = 0; i < 5; i++) engine.createTask(QUEUE, taskIn(0));
    await timers.advance(10_000);
    expect(sent).toHaveLength(2);
    waiting.shift()!(OK);
    await timers.advance(0);
    expect(sent).toHaveLength(3);
    expect(engine.stats().oldestDueAgeMs).toBe(10_000);
    answer = async () => OK;
    for (const finish of waiting) finish(OK);
    await timers.advance(0);
    expect(engine.stats()).toMatchObject({ pending: 0, dispatched: 5 });
  });

  it('that is paused holds its tasks until it is resumed', async () => {
    useQueue();
    engine.setState(QUEUE, 'PAUSED');
    engine.createTask(QUEUE, taskIn(1_000));
    await timers.advance(60_000);
    expect(times()).toEqual([]);
    expect(engine.stats()).toMatchObject({ pending: 1, oldestDueAgeMs: 59_000 });
    engine.setState(QUEUE, 'RUNNING');
    await timers.advance(0);
    expect(times()).toEqual([60_000]);
  });
});

describe('after a restart', () => {
  it('pending tasks run, ended names stay taken, settings and states are kept', async () => {
    useQueue({ retryConfig: { minBackoff: '2s' }, rateLimits: { maxDispatchesPerSecond: 7 } });
    answer = async () => (sent.length === 1 ? OK : BUSY);
    engine.createTask(QUEUE, taskIn(0, 'done'));
    await timers.advance(0);
    engine.createTask(QUEUE, taskIn(0, 'failing'));
    engine.createTask(QUEUE, taskIn(10_000, 'later'));
    await timers.advance(1);
    const before = engine.listTasks(QUEUE);
    await engine.stop();

    await timers.advance(5_000);
    answer = async () => OK;
    engine = open();
    expect(engine.listTasks(QUEUE)).toEqual(before);
    expect(engine.getQueue(QUEUE)).toMatchObject({
      rateLimits: { maxDispatchesPerSecond: 7 },
      retryConfig: { minBackoffMs: 2_000 },
    });
    expect(() => engine.createTask(QUEUE, taskIn(0, 'done'))).toThrow('existed too recently');
    await timers.advance(10_000);
    expect(sent.map(({ task }) => task.name.split('/').at(-1))).toEqual([
      'done',
      'failing',
      'failing',
      'later',
    ]);
    expect(sent[2]!.task.dispatchCount).toBe(1);
  });

  it('a task that was in flight when the service stopped runs again', async () => {
    useQueue();
    answer = (_, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({ message: 'stopped' })));
    engine.createTask(QUEUE, taskIn(0, 'w1'));
    await timers.advance(0);
    await engine.stop();
    answer = async () => OK;
    engine = open();
    await timers.advance(0);
    expect(sent.map(({ task }) => task.dispatchCount)).toEqual([0, 0]);
    expect(engine.stats()).toMatchObject({ pending: 0, failed: 0 });
  });
});

describe('what is not allowed is refused with its reason', () => {
  const request = { url: 'http://127.0.0.1:1/' };
  it.each([
    [
      'a time more than 30 days ahead',
      { scheduleTime: '2027-11-20T10:00:00Z', httpRequest: request },
      'scheduleTime',
    ],
    ['a time that is none', { scheduleTime: 'soon', httpRequest: request }, 'task.scheduleTime'],
    ['a deadline under 15 s', { dispatchDeadline: '1s', httpRequest: request }, 'dispatchDeadline'],
    ['a target that is no URL', { httpRequest: { url: 'localhost:80' } }, 'task.httpRequest.url'],
    ['no target', {}, 'task.httpRequest'],
    ['a body with GET', { httpRequest: { ...request, httpMethod: 'GET', body: 'eA==' } }, 'body'],
    ['a task of App Engine', { appEngineHttpRequest: {} }, 'App Engine'],
    ['a name of another queue', { name: `${QUEUE}2/tasks/a`, httpRequest: request }, 'task.name'],
    ['a name with a slash', { name: `${QUEUE}/tasks/a/b`, httpRequest: request }, 'task.name'],
    ['a task above 1 MiB', { httpRequest: { ...request, body: 'A'.repeat(1_500_000) } }, 'too large'],
  ])('%s', (_, task, message) => {
    useQueue();
    expect(() => engine.createTask(QUEUE, task)).toThrow(message);
    expect(engine.stats().pending).toBe(0);
  });

  it('a task for a queue that does not exist', () => {
    expect(() => engine.createTask(QUEUE, taskIn(0))).toThrow('Queue does not exist');
  });
});

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTasksClient } from '@google-cloud/tasks';
import { GoogleAuth, PassThroughClient } from 'google-auth-library';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTasks, type TasksService } from '../../../local/tasks/service.ts';
import { startProcess } from '../service-process.ts';

const ALREADY_EXISTS = 409;
const NOT_FOUND = 404;

type ClientAuth = NonNullable<NonNullable<ConstructorParameters<typeof CloudTasksClient>[0]>['auth']>;

const clientOf = (port: number): CloudTasksClient =>
  new CloudTasksClient({
    fallback: true,
    protocol: 'http',
    apiEndpoint: '127.0.0.1',
    port,
    // Two copies of one library, one type each.
    auth: new GoogleAuth({ authClient: new PassThroughClient() }) as unknown as ClientAuth,
  });

interface Hit {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let dataDir: string;
let service: TasksService;
let client: CloudTasksClient;
let target: Server;
let targetUrl: string;
let hits: Hit[];
let statuses: number[];
const parent = 'projects/demo/locations/us-central1';
const queue = `${parent}/queues/window-close`;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tasks-'));
  service = await startTasks({ port: 0, dataDir });
  client = clientOf(service.port);
  hits = [];
  statuses = [];
  target = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    hits.push({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.statusCode = statuses.shift() ?? 200;
    response.end();
    target.emit('hit');
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  targetUrl = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await client.close();
  await service.close();
  target.close();
  target.closeAllConnections();
  await rm(dataDir, { recursive: true });
});

const request = (path = '/close') => ({
  httpMethod: 'POST' as const,
  url: `${targetUrl}${path}`,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"w":1}').toString('base64'),
});

/** Seconds and nanos, as the client wants them, so many ms from now. */
const inMs = (ms: number) => {
  const at = Date.now() + ms;
  return { seconds: Math.floor(at / 1000), nanos: (at % 1000) * 1e6 };
};

async function hitCount(count: number): Promise<void> {
  while (hits.length < count) await once(target, 'hit');
}

describe("Google's client over REST", () => {
  it('makes, shows, pauses, resumes, lists and deletes queues', async () => {
    const [made] = await client.createQueue({
      parent,
      queue: { name: queue, retryConfig: { maxAttempts: 7, minBackoff: { seconds: 1, nanos: 500_000_000 } } },
    });
    expect(made).toMatchObject({
      name: queue,
      state: 'RUNNING',
      retryConfig: { maxAttempts: 7, maxDoublings: 16 },
      rateLimits: { maxDispatchesPerSecond: 500, maxBurstSize: 100, maxConcurrentDispatches: 1000 },
    });
    expect(made.retryConfig?.minBackoff).toMatchObject({ seconds: '1', nanos: 500_000_000 });
    await expect(client.createQueue({ parent, queue: { name: queue } })).rejects.toMatchObject({
      code: ALREADY_EXISTS,
    });
    expect((await client.pauseQueue({ name: queue }))[0].state).toBe('PAUSED');
    expect((await client.resumeQueue({ name: queue }))[0].state).toBe('RUNNING');
    const [updated] = await client.updateQueue({ queue: { name: queue, retryConfig: { maxAttempts: 9 } } });
    expect(updated.retryConfig).toMatchObject({ maxAttempts: 9, minBackoff: { nanos: 500_000_000 } });
    expect((await client.listQueues({ parent }))[0].map(({ name }) => name)).toEqual([queue]);
    await client.deleteQueue({ name: queue });
    await expect(client.getQueue({ name: queue })).rejects.toMatchObject({ code: NOT_FOUND });
  });

  it('creates a task that reaches its target with body and headers, at its time', async () => {
    await client.createQueue({ parent, queue: { name: queue } });
    const name = `${queue}/tasks/w-abc`;
    const dueMs = Date.now() + 300;
    const [task] = await client.createTask({
      parent: queue,
      task: {
        name,
        scheduleTime: inMs(300),
        httpRequest: {
          ...request(),
          oidcToken: { serviceAccountEmail: 'close@demo.iam.gserviceaccount.com' },
        },
      },
    });
    expect(task).toMatchObject({ name, dispatchCount: 0, httpRequest: { httpMethod: 'POST' } });
    await hitCount(1);
    expect(Date.now()).toBeGreaterThanOrEqual(dueMs);
    expect(hits[0]).toMatchObject({
      path: '/close',
      body: '{"w":1}',
      headers: {
        'content-type': 'application/json',
        'x-cloudtasks-queuename': 'window-close',
        'x-cloudtasks-taskname': 'w-abc',
        'x-cloudtasks-taskretrycount': '0',
      },
    });
    expect(hits[0]!.headers).not.toHaveProperty('authorization');
  });

  it('is told ALREADY_EXISTS for a taken name, with the task waiting and after it ran', async () => {
    await client.createQueue({
      parent,
      queue: { name: queue, retryConfig: { minBackoff: { nanos: 10_000_000 } } },
    });
    const task = { name: `${queue}/tasks/w-abc`, scheduleTime: inMs(150), httpRequest: request() };
    statuses = [500];
    await client.createTask({ parent: queue, task });
    await expect(client.createTask({ parent: queue, task })).rejects.toMatchObject({ code: ALREADY_EXISTS });
    await hitCount(2);
    expect(hits[1]!.headers).toMatchObject({
      'x-cloudtasks-taskretrycount': '1',
      'x-cloudtasks-taskpreviousresponse': '500',
    });
    await expect(client.createTask({ parent: queue, task })).rejects.toMatchObject({ code: ALREADY_EXISTS });
    expect(hits).toHaveLength(2);
  });

  it('lists, shows in full, runs, deletes and purges tasks', async () => {
    await client.createQueue({ parent, queue: { name: queue } });
    const names = ['a', 'b', 'c', 'd'].map((id) => `${queue}/tasks/${id}`);
    for (const name of names) {
      await client.createTask({
        parent: queue,
        task: { name, scheduleTime: inMs(3_600_000), httpRequest: request() },
      });
    }
    const [listed] = await client.listTasks({ parent: queue });
    expect(listed.map(({ name }) => name)).toEqual(names);
    expect(listed[0]!.httpRequest?.body).toHaveLength(0);
    const [full] = await client.getTask({ name: names[0]!, responseView: 'FULL' });
    expect(Buffer.from(full.httpRequest!.body as Uint8Array).toString()).toBe('{"w":1}');
    await client.runTask({ name: names[0]! });
    await hitCount(1);
    await client.deleteTask({ name: names[1]! });
    await expect(client.deleteTask({ name: names[1]! })).rejects.toMatchObject({ code: NOT_FOUND });
    await client.purgeQueue({ name: queue });
    expect((await client.listTasks({ parent: queue }))[0]).toEqual([]);
    expect(service.stats()).toMatchObject({ pending: 0, dispatched: 1 });
  });

  it('makes up a name when the task has none', async () => {
    await client.createQueue({ parent, queue: { name: queue } });
    const [task] = await client.createTask({ parent: queue, task: { httpRequest: request() } });
    expect(task.name).toMatch(/\/tasks\/\d+$/);
    await hitCount(1);
  });

  it('is told NOT_FOUND for a queue nobody made, and INVALID_ARGUMENT with the field for nonsense', async () => {
    const task = { httpRequest: { url: 'nowhere' } };
    await expect(client.createTask({ parent: queue, task })).rejects.toMatchObject({ code: NOT_FOUND });
    await client.createQueue({ parent, queue: { name: queue } });
    await expect(client.createTask({ parent: queue, task })).rejects.toThrow('task.httpRequest.url');
  });
});

describe('the service killed without warning', () => {
  it('loses no task it acknowledged, runs what fell due meanwhile, and remembers ended names', async () => {
    const other = await mkdtemp(join(tmpdir(), 'tasks-'));
    const first = await startProcess('local/tasks/service.ts', 'startTasks', { dataDir: other });
    let second: TasksService | undefined;
    const before = clientOf(first.port);
    let after: CloudTasksClient | undefined;
    try {
      await before.createQueue({ parent, queue: { name: queue } });
      await before.createTask({
        parent: queue,
        task: { name: `${queue}/tasks/ran`, httpRequest: request('/ran') },
      });
      await hitCount(1);
      const due = inMs(600);
      const names = Array.from({ length: 50 }, (_, index) => `${queue}/tasks/w${index}`);
      await Promise.all(
        names.map((name) =>
          before.createTask({
            parent: queue,
            task: { name, scheduleTime: due, httpRequest: request(`/${name}`) },
          }),
        ),
      );
      await first.kill();
      second = await startTasks({ port: 0, dataDir: other });
      after = clientOf(second.port);
      while (new Set(hits.map(({ path }) => path)).size < 51) await once(target, 'hit');
      expect(new Set(hits.map(({ path }) => path))).toEqual(
        new Set(['/ran', ...names.map((name) => `/${name}`)]),
      );
      const again = { name: `${queue}/tasks/ran`, httpRequest: request() };
      await expect(after.createTask({ parent: queue, task: again })).rejects.toMatchObject({
        code: ALREADY_EXISTS,
      });
    } finally {
      await first.kill();
      await before.close();
      await after?.close();
      await second?.close();
      await rm(other, { recursive: true });
    }
  });
});

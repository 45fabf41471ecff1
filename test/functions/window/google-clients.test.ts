import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Firestore } from '@google-cloud/firestore';
import type { CloudTasksClient } from '@google-cloud/tasks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFirestore, openTasks, timerQueue } from '../../../functions/clients.ts';
import { firestoreStore } from '../../../functions/window/firestore-store.ts';
import type { Contribution, Versioned, WindowStore } from '../../../functions/window/store.ts';
import { taskTimers } from '../../../functions/window/task-timers.ts';
import type { JobWindow } from '../../../functions/window/window-id.ts';
import { type FirestoreService, startFirestore } from '../../../local/firestore/service.ts';
import { startTasks, type TasksService } from '../../../local/tasks/service.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 10);
const window = (start: number): JobWindow => ({ job: 'sums', window: { start, end: start + 10_000 } });
const partial = (of: JobWindow, batchId: string, parts: readonly string[] = ['[]']): Contribution => ({
  of,
  batchId,
  kind: 'partial',
  parts,
  endMs: of.window.end,
  timers: [],
});

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'window-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

describe("the window store, through Google's Firestore client", () => {
  let service: FirestoreService;
  let firestore: Firestore;
  let store: WindowStore;

  beforeAll(async () => {
    service = await startFirestore({ port: 0, dataDir: join(dataDir, 'firestore') });
    process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${service.port}`;
    firestore = await openFirestore({ project: 'demo', firestoreDatabase: '(default)' });
    store = firestoreStore(firestore, { retentionMs: 3_600_000 });
  });
  afterAll(async () => {
    await firestore.terminate();
    await service.close();
  });

  it('creates what a batch contributes once, and says of a redelivery that it is one', async () => {
    const contributions = [partial(window(0), 'b1'), partial(window(10_000), 'b1')];
    expect(await store.contribute(contributions, NOW_MS)).toEqual([
      { created: true, kind: 'partial' },
      { created: true, kind: 'partial' },
    ]);
    const again = await store.contribute([...contributions, partial(window(20_000), 'b1')], NOW_MS);
    expect(again.map((outcome) => outcome.created)).toEqual([false, false, true]);
    expect((await store.partsOf([window(0)]))[0]).toHaveLength(1);
  });

  it('lets the first decision on late or not stand, whichever comes first', async () => {
    const of = window(30_000);
    await store.contribute([partial(of, 'in-time')], NOW_MS);
    expect(await store.contribute([{ ...partial(of, 'in-time', []), kind: 'late' }], NOW_MS)).toEqual([
      { created: false, kind: 'partial' },
    ]);
    await store.contribute([{ ...partial(of, 'late', []), kind: 'late' }], NOW_MS);
    expect(await store.contribute([{ ...partial(of, 'late', []), kind: 'late' }], NOW_MS)).toEqual([
      { created: false, kind: 'late' },
    ]);
    expect((await store.partsOf([of]))[0]).toHaveLength(1);
  });

  it('reads all parts of a partial of several documents, and of 450 windows in one batch', async () => {
    const of = window(40_000);
    await store.contribute([partial(of, 'big', ['["a"]', '["b"]', '["c"]'])], NOW_MS);
    expect((await store.partsOf([of]))[0]!.map((part) => part.data).sort()).toEqual([
      '["a"]',
      '["b"]',
      '["c"]',
    ]);
    const many = Array.from({ length: 450 }, (_, i) => partial(window(1_000_000 + i * 10_000), 'wide'));
    const outcomes = await store.contribute(many, NOW_MS);
    expect(outcomes.filter((outcome) => outcome.created)).toHaveLength(450);
  });

  it('says why a batch was refused, also to an instance that would count it now', async () => {
    const of = window(35_000);
    await store.contribute([{ ...partial(of, 'ahead', []), kind: 'future' }], NOW_MS);
    expect(await store.contribute([partial(of, 'ahead')], NOW_MS)).toEqual([
      { created: false, kind: 'future' },
    ]);
  });

  it('keeps fragments of one batch in one bucket apart, with their bounds', async () => {
    const of = { ...window(70_000), key: 'auth' };
    const spans = [
      { start: 70_000, end: 71_000 },
      { start: 74_000, end: 75_000 },
    ];
    const timers = [{ of, slotMs: NOW_MS + 3_600_000 }];
    const outcomes = await store.contribute(
      spans.map((span) => ({ ...partial(of, 'two'), span, timers })),
      NOW_MS,
    );
    expect(outcomes.map(({ created }) => created)).toEqual([true, true]);
    await store.timersDone([timers[0]!]);
    const parts = (await store.partsOf([of]))[0]!;
    expect(parts.map(({ span }) => span).sort((a, b) => a!.start - b!.start)).toEqual(spans);
    expect(Math.abs(parts[0]!.createdAtMs - Date.now())).toBeLessThan(60_000);
    expect(await store.partsOf([{ ...of, key: 'user' }])).toEqual([[]]);
  });

  it('reads several panes at once, and for which windows a partial counts', async () => {
    await store.contribute([{ ...partial(window(80_000), 'b1'), fromEndMs: 90_000 }], NOW_MS);
    await store.contribute([partial(window(90_000), 'b1')], NOW_MS);
    await store.contribute([partial(window(90_000), 'b2')], NOW_MS);
    const parts = await store.partsOf([window(80_000), window(90_000)]);
    expect(parts.map((each) => each.map(({ fromEndMs }) => fromEndMs))).toEqual([
      [90_000],
      [undefined, undefined],
    ]);
    expect(parts[1]!.map(({ id }) => id)).toEqual(parts[1]!.map(({ id }) => id).toSorted());
  });

  const row = {
    ...{ start: 50_000, end: 60_000, revision: 1, digest: 'd', parts: 1 },
    ...{ written: false, tombstone: false },
  };

  it('writes a state only for the one whose version is current', async () => {
    const of = window(50_000);
    const state = (revision: number) => ({ rows: [{ ...row, revision }], sealAtMs: NOW_MS });
    const commit = async (previous: Versioned | null, revision: number) =>
      (await store.commit([{ of, previous, next: state(revision) }]))?.[0] ?? null;
    const first = await commit(null, 1);
    expect(await commit(null, 1)).toBeNull();
    expect(await commit(first, 2)).not.toBeNull();
    expect(await commit(first, 3)).toBeNull();
    const [found, missing] = await store.statesOf([of, window(60_000)]);
    expect(found?.state).toEqual(state(2));
    expect(missing).toBeNull();
  });

  it('writes the states of several buckets all or none, and one that does not change counts as written', async () => {
    const buckets = [100_000, 110_000].map((start) => ({ ...window(start), key: 'auth' }));
    const next = { rows: [], sealAtMs: NOW_MS };
    const [first] = (await store.commit([{ of: buckets[0]!, previous: null, next }]))!;
    const both = buckets.map((of, i) => ({ of, previous: i === 0 ? first! : null, next }));
    expect(await store.commit(both)).not.toBeNull();
    expect(await store.commit(both)).toBeNull();
    expect(await store.commit([{ of: buckets[0]!, previous: first!, next }])).toBeNull();
  });

  it('notes timers with the partials, and finds those that are overdue until they are done with', async () => {
    const [of, other] = [window(200_000), { ...window(210_000), key: 'a' }];
    const timers = [
      { of, slotMs: NOW_MS },
      { of: other, slotMs: NOW_MS + 1000 },
    ];
    await store.contribute([{ ...partial(of, 'timed'), timers: [timers[0]!] }], NOW_MS);
    await store.noteTimers([timers[1]!]);
    expect(await store.overdueTimers(NOW_MS + 119_999, 10)).toEqual([]);
    const overdue = await store.overdueTimers(NOW_MS + 121_000, 10);
    expect(overdue).toEqual(timers.map((timer) => ({ ...timer, asks: 0 })));
    expect(await store.overdueTimers(NOW_MS + 121_000, 1)).toEqual([overdue[0]]);

    // Another instance that came upon the same window.
    await firestoreStore(firestore, { retentionMs: 3_600_000 }).noteTimers(timers);
    expect(await store.overdueTimers(NOW_MS + 121_000, 10)).toEqual(overdue);

    await store.timersDone([timers[0]!]);
    await store.replaceTimer(overdue[1]!, { of: other, slotMs: NOW_MS + 130_000 });
    expect(await store.overdueTimers(NOW_MS + 130_000 + 239_999, 10)).toEqual([]);
    expect(await store.overdueTimers(NOW_MS + 130_000 + 240_000, 10)).toEqual([
      { of: other, slotMs: NOW_MS + 130_000, asks: 1 },
    ]);
  });
});

describe("timers, through Google's Cloud Tasks client", () => {
  let service: TasksService;
  let client: CloudTasksClient;
  let target: Server;
  const bodies: string[] = [];
  let arrived: () => void = () => {};
  const queue = timerQueue({ project: 'demo', location: 'us-central1', timerQueue: 'window-timers' });
  const closeUrl = (): string => `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  const instance = () => taskTimers(client, { queue, closeUrl: closeUrl(), identity: null });

  beforeAll(async () => {
    service = await startTasks({ port: 0, dataDir: join(dataDir, 'tasks') });
    client = await openTasks({ project: 'demo', tasksEndpoint: { host: '127.0.0.1', port: service.port } });
    target = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        bodies.push(body);
        response.end();
        arrived();
      });
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    await client.createQueue({ parent: 'projects/demo/locations/us-central1', queue: { name: queue } });
  });
  afterAll(async () => {
    await client.close();
    target.closeAllConnections();
    target.close();
    await service.close();
  });

  it('are one task, however often and by how many instances they are asked for', async () => {
    const inAnHourMs = Date.now() + 3_600_000;
    for (const timers of [instance(), instance()]) {
      for (const _ of [1, 2]) await timers.ask([{ of: window(0), slotMs: inAnHourMs }]);
    }
    expect(service.stats().pending).toBe(1);
    await instance().ask([{ of: window(0), slotMs: inAnHourMs + 10_000 }]);
    expect(service.stats().pending).toBe(2);
  });

  it('call the close function with the windows', async () => {
    const called = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const slotMs = Date.now() - 1;
    await instance().ask([
      { of: { ...window(10_000), key: 'auth' }, slotMs },
      { of: window(30_000), slotMs },
    ]);
    await called;
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      {
        job: 'sums',
        slot: slotMs,
        windows: [
          { start: 10_000, end: 20_000, key: 'auth' },
          { start: 30_000, end: 40_000 },
        ],
      },
    ]);
  });
});

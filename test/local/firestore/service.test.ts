import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FirestoreService, startFirestore } from '../../../local/firestore/service.ts';
import { ManualTimers } from '../../manual-timers.ts';
import { startProcess } from '../service-process.ts';

const ALREADY_EXISTS = 6;

let dataDir: string;
const clients: Firestore[] = [];

const clientOf = (port: number): Firestore => {
  const db = new Firestore({ projectId: 'demo', host: `127.0.0.1:${port}`, ssl: false });
  clients.push(db);
  return db;
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'firestore-'));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((db) => db.terminate()));
  await rm(dataDir, { recursive: true });
});

describe('the service', () => {
  it('is reached by FIRESTORE_EMULATOR_HOST alone', async () => {
    const service = await startFirestore({ port: 0, dataDir });
    process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${service.port}`;
    try {
      const db = new Firestore({ projectId: 'demo' });
      clients.push(db);
      await db.doc('partials/a').create({ n: 1 });
      expect((await db.doc('partials/a').get()).get('n')).toBe(1);
    } finally {
      delete process.env.FIRESTORE_EMULATOR_HOST;
      await service.close();
    }
  });

  it('continues with the same documents after it was closed and started again', async () => {
    let service = await startFirestore({ port: 0, dataDir });
    const before = await clientOf(service.port)
      .doc('partials/a')
      .create({ w: 'w1', data: 'x'.repeat(20_000) });
    await service.close();
    service = await startFirestore({ port: 0, dataDir });
    const read = await clientOf(service.port).doc('partials/a').get();
    expect(read.data()).toEqual({ w: 'w1', data: 'x'.repeat(20_000) });
    expect(read.updateTime!.isEqual(before.writeTime)).toBe(true);
    await service.close();
  });

  it('removes what its TTL field says is past, at the next sweep', async () => {
    const timers = new ManualTimers();
    const ttl = [{ collectionGroup: 'partials', field: 'expires_at' }];
    const service = await startFirestore({ port: 0, dataDir, timers, ttl, sweepMs: 60_000 });
    const partials = clientOf(service.port).collection('partials');
    await partials.doc('a').set({ expires_at: Timestamp.fromMillis(timers.now() + 90_000) });
    await partials.doc('b').set({ expires_at: Timestamp.fromMillis(timers.now() + 900_000) });
    await timers.advance(60_000);
    expect((await partials.get()).size).toBe(2);
    await timers.advance(60_000);
    expect((await partials.get()).docs.map(({ id }) => id)).toEqual(['b']);
    expect(service.stats()).toMatchObject({ documents: 1, expired: 1 });
    await service.close();
  });
});

describe('the service killed without warning in the midst of writes, and started again', () => {
  it('has everything it acknowledged, of no batch a part, and the clients go on', async () => {
    const first = await startProcess('local/firestore/service.ts', 'startFirestore', { dataDir });
    const db = clientOf(first.port);
    let second: FirestoreService | undefined;
    const acknowledged: number[] = [];
    let killed: Promise<void> | undefined;
    const write = async (n: number): Promise<void> => {
      const batch = db.batch();
      for (const part of [0, 1, 2]) {
        batch.create(db.doc(`partials/b${n}-${part}`), { n, part, data: 'x'.repeat(20_000) });
      }
      // The client sends again what was not answered: by then it may be there.
      await batch.commit().catch((error: { code: number }) => expect(error.code).toBe(ALREADY_EXISTS));
      acknowledged.push(n);
      if (acknowledged.length === 100) killed = first.kill();
    };
    try {
      const writers = Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          for (let n = index; n < 200; n += 8) await write(n);
        }),
      );
      while (!killed) await new Promise((resolve) => setImmediate(resolve));
      await killed;
      const before = [...acknowledged];
      second = await startFirestore({ port: first.port, dataDir });
      const found = await partsOf(clientOf(second.port));
      expect(before.filter((n) => found.get(n) === undefined)).toEqual([]);
      await writers;
      const parts = await partsOf(db);
      expect(parts.size).toBe(200);
      expect([...parts.values(), ...found.values()].every((count) => count === 3)).toBe(true);
    } finally {
      await first.kill();
      await second?.close();
    }
  });
});

/** How many documents of each batch there are. */
async function partsOf(db: Firestore): Promise<Map<number, number>> {
  const parts = new Map<number, number>();
  for (const each of (await db.collection('partials').get()).docs) {
    expect((each.get('data') as string).length).toBe(20_000);
    parts.set(each.get('n') as number, (parts.get(each.get('n') as number) ?? 0) + 1);
  }
  return parts;
}

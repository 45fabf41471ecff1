import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AggregateField,
  type CollectionReference,
  FieldPath,
  FieldValue,
  Filter,
  Firestore,
  Timestamp,
} from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFirestore } from '../../../local/firestore/service.ts';
import { findEmulator, startEmulator } from './emulator.ts';

interface Running {
  readonly port: number;
  close(): Promise<void>;
}

const ALREADY_EXISTS = 6;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const INVALID_ARGUMENT = 3;

async function startOurs(): Promise<Running> {
  const dataDir = await mkdtemp(join(tmpdir(), 'firestore-'));
  const service = await startFirestore({ port: 0, dataDir });
  return {
    port: service.port,
    close: async () => {
      await service.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

const jar = findEmulator();

describe('the local Firestore', () => contract(startOurs));

describe.skipIf(jar === undefined)(
  "Google's Firestore emulator (skipped where it or Java is not installed)",
  () => contract(() => startEmulator(jar!)),
);

/** What Google's client sees, the same on either. */
function contract(start: () => Promise<Running>): void {
  let running: Running;
  let db: Firestore;
  let partials: CollectionReference;
  let projects = 0;

  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running.close());

  beforeEach(() => {
    // A project of its own for each test: nothing is left over from another.
    db = new Firestore({
      projectId: `demo-${++projects}`,
      host: `127.0.0.1:${running.port}`,
      ssl: false,
      customHeaders: { Authorization: 'Bearer owner' },
    });
    partials = db.collection('partials');
  });
  afterEach(() => db.terminate());

  const ids = async (query: FirebaseFirestore.Query): Promise<string[]> =>
    (await query.get()).docs.map((document) => document.id);

  describe('writing', () => {
    it('creates a document once: the second time is ALREADY_EXISTS and changes nothing', async () => {
      await partials.doc('a').create({ w: 'w1', data: 'x'.repeat(20_000) });
      await expect(partials.doc('a').create({ w: 'w2' })).rejects.toMatchObject({ code: ALREADY_EXISTS });
      expect((await partials.doc('a').get()).data()).toEqual({ w: 'w1', data: 'x'.repeat(20_000) });
    });

    it('applies a batch as a whole: one document that exists and none of it is written', async () => {
      await partials.doc('b').create({ n: 1 });
      const batch = db.batch();
      for (const id of ['a', 'b', 'c']) batch.create(partials.doc(id), { n: 2 });
      await expect(batch.commit()).rejects.toMatchObject({ code: ALREADY_EXISTS });
      expect((await partials.get()).docs.map((each) => [each.id, each.get('n')])).toEqual([['b', 1]]);
    });

    it('keeps every type of value', async () => {
      const data = {
        text: 'ä€😀\u0000',
        empty: '',
        yes: true,
        no: false,
        int: 42,
        negative: -7,
        big: Number.MAX_SAFE_INTEGER,
        double: 1.5,
        nothing: null,
        time: Timestamp.fromMillis(1_763_634_000_123),
        early: new Timestamp(-62_135_596_800, 0),
        bytes: Buffer.from([0, 255, 10]),
        list: [1, 'two', { three: 3 }, null],
        emptyList: [],
        map: { deep: { deeper: { deepest: [true] } }, 'dotted.key': 1 },
        emptyMap: {},
        reference: db.doc('other/one'),
      };
      await partials.doc('types').set(data);
      expect((await partials.doc('types').get()).data()).toEqual(data);
    });

    it('updates only what it found: a changed document is FAILED_PRECONDITION', async () => {
      const reference = partials.doc('state');
      const { writeTime } = await reference.create({ n: 1 });
      const second = await reference.update({ n: 2 }, { lastUpdateTime: writeTime });
      expect(second.writeTime.valueOf() > writeTime.valueOf()).toBe(true);
      await expect(reference.update({ n: 3 }, { lastUpdateTime: writeTime })).rejects.toMatchObject({
        code: FAILED_PRECONDITION,
      });
      await expect(reference.delete({ lastUpdateTime: writeTime })).rejects.toMatchObject({
        code: FAILED_PRECONDITION,
      });
      const { createTime, updateTime } = await reference.get();
      expect(createTime!.isEqual(writeTime)).toBe(true);
      expect(updateTime!.isEqual(second.writeTime)).toBe(true);
    });

    it('leaves the update time as it is when nothing changes', async () => {
      const reference = partials.doc('a');
      const first = await reference.set({
        n: 1,
        list: [Buffer.from('b'), { m: 1.5 }],
        at: Timestamp.fromMillis(1_500),
      });
      const again = await reference.set({
        n: 1,
        list: [Buffer.from('b'), { m: 1.5 }],
        at: Timestamp.fromMillis(1_500),
      });
      const update = await reference.update({ n: 1 });
      expect([again, update].map(({ writeTime }) => writeTime.isEqual(first.writeTime))).toEqual([
        true,
        true,
      ]);
      await reference.update({ n: 2 }, { lastUpdateTime: first.writeTime });
      expect((await reference.get()).get('n')).toBe(2);
    });

    it('refuses the update of a document that is not there', async () => {
      await expect(partials.doc('none').update({ n: 1 })).rejects.toMatchObject({ code: NOT_FOUND });
      await expect(partials.doc('none').delete({ exists: true })).rejects.toMatchObject({ code: NOT_FOUND });
      const lastUpdateTime = Timestamp.fromMillis(1_763_634_000_000);
      await expect(partials.doc('none').update({ n: 1 }, { lastUpdateTime })).rejects.toMatchObject({
        code: FAILED_PRECONDITION,
      });
    });

    it('replaces with set, merges with merge, changes and takes out single fields with update', async () => {
      const reference = partials.doc('a');
      await reference.set({ a: 1, m: { x: 1, y: 2 } });
      await reference.set({ m: { y: 3, z: 4 } }, { merge: true });
      expect((await reference.get()).data()).toEqual({ a: 1, m: { x: 1, y: 3, z: 4 } });
      await reference.update({ 'm.x': FieldValue.delete(), a: FieldValue.delete(), b: 5 });
      expect((await reference.get()).data()).toEqual({ b: 5, m: { y: 3, z: 4 } });
      await reference.update(new FieldPath('m', 'a.b'), 6);
      expect((await reference.get()).data()).toEqual({ b: 5, m: { y: 3, z: 4, 'a.b': 6 } });
      await reference.set({ only: 1 });
      expect((await reference.get()).data()).toEqual({ only: 1 });
    });

    it('counts, unites and stamps on the server', async () => {
      const reference = partials.doc('a');
      await reference.set({ n: 1, list: [1, 2] });
      await reference.update({
        n: FieldValue.increment(2),
        half: FieldValue.increment(0.5),
        list: FieldValue.arrayUnion(2, 3),
        at: FieldValue.serverTimestamp(),
      });
      await reference.update({ list: FieldValue.arrayRemove(1) });
      const read = await reference.get();
      expect(read.data()).toMatchObject({ n: 3, half: 0.5, list: [2, 3] });
      expect(Math.abs((read.get('at') as Timestamp).toMillis() - Date.now())).toBeLessThan(60_000);
    });

    it('deletes, and deletes what is not there without complaint', async () => {
      await partials.doc('a').set({ n: 1 });
      await partials.doc('a').delete();
      await partials.doc('a').delete();
      expect((await partials.doc('a').get()).exists).toBe(false);
    });

    it('takes several writes to one document in order', async () => {
      const batch = db.batch();
      batch.create(partials.doc('a'), { n: 1 });
      batch.update(partials.doc('a'), { n: FieldValue.increment(5) });
      batch.set(partials.doc('b'), { n: 9 });
      batch.delete(partials.doc('b'));
      await batch.commit();
      expect((await partials.get()).docs.map((each) => each.data())).toEqual([{ n: 6 }]);
    });

    it('refuses a document above 1 MiB', async () => {
      const data = 'x'.repeat(1_100_000);
      await expect(partials.doc('a').set({ data })).rejects.toMatchObject({ code: INVALID_ARGUMENT });
    });

    it('writes by BulkWriter, where one failure does not hold up the rest', async () => {
      await partials.doc('b').set({ n: 0 });
      const writer = db.bulkWriter();
      writer.onWriteError(() => false);
      const outcomes = ['a', 'b', 'c'].map((id) =>
        writer.create(partials.doc(id), { n: 1 }).then(
          () => 'written',
          (error: { code: number }) => error.code,
        ),
      );
      await writer.close();
      expect(await Promise.all(outcomes)).toEqual(['written', ALREADY_EXISTS, 'written']);
    });
  });

  describe('reading', () => {
    it('gets several documents at once, missing ones too', async () => {
      await partials.doc('a').set({ n: 1 });
      await partials.doc('c').set({ n: 3, m: 4 });
      const references = ['a', 'b', 'c'].map((id) => partials.doc(id));
      const all = await db.getAll(...references);
      expect(all.map((each) => each.data())).toEqual([{ n: 1 }, undefined, { n: 3, m: 4 }]);
      const masked = await db.getAll(...references, { fieldMask: ['m'] });
      expect(masked.map((each) => each.data())).toEqual([{}, undefined, { m: 4 }]);
    });

    it('finds by equality, whatever the type, and among long strings', async () => {
      const long = 'l'.repeat(1_000);
      const time = Timestamp.fromMillis(1_763_634_000_000);
      await partials.doc('text').set({ v: 'one' });
      await partials.doc('int').set({ v: 1 });
      await partials.doc('double').set({ v: 1.0 });
      await partials.doc('time').set({ v: time });
      await partials.doc('bool').set({ v: true });
      await partials.doc('null').set({ v: null });
      await partials.doc('long').set({ v: long });
      await partials.doc('map').set({ v: { x: 1 } });
      await partials.doc('none').set({ other: 1 });
      expect(await ids(partials.where('v', '==', 'one'))).toEqual(['text']);
      expect(await ids(partials.where('v', '==', 1))).toEqual(['double', 'int']);
      expect(await ids(partials.where('v', '==', time))).toEqual(['time']);
      expect(await ids(partials.where('v', '==', true))).toEqual(['bool']);
      expect(await ids(partials.where('v', '==', null))).toEqual(['null']);
      expect(await ids(partials.where('v', '==', long))).toEqual(['long']);
      expect(await ids(partials.where('v', '==', { x: 1 }))).toEqual(['map']);
      expect(await ids(partials.where('v.x', '==', 1))).toEqual(['map']);
    });

    it('finds what was changed under its new value alone', async () => {
      await partials.doc('a').set({ w: 'w1' });
      expect(await ids(partials.where('w', '==', 'w1'))).toEqual(['a']);
      await partials.doc('a').set({ w: 'w2' });
      await partials.doc('b').set({ w: 'w1' });
      expect(await ids(partials.where('w', '==', 'w1'))).toEqual(['b']);
      expect(await ids(partials.where('w', '==', 'w2'))).toEqual(['a']);
      await partials.doc('a').delete();
      expect(await ids(partials.where('w', '==', 'w2'))).toEqual([]);
    });

    it('compares, orders, limits and pages', async () => {
      const batch = db.batch();
      for (let n = 0; n < 20; n++)
        batch.set(partials.doc(`d${n}`), { n, parity: n % 2, long: 'x'.repeat(n * 50) });
      await batch.commit();
      const byN = partials.orderBy('n');
      expect(await ids(partials.where('n', '<', 3))).toEqual(['d0', 'd1', 'd2']);
      expect(await ids(partials.where('n', '<=', 1).orderBy('n', 'desc'))).toEqual(['d1', 'd0']);
      expect(await ids(partials.where('n', '>', 16).where('parity', '==', 1))).toEqual(['d17', 'd19']);
      expect(await ids(byN.limit(2).offset(3))).toEqual(['d3', 'd4']);
      expect(await ids(byN.limitToLast(2))).toEqual(['d18', 'd19']);
      expect(await ids(byN.startAt(4).endBefore(6))).toEqual(['d4', 'd5']);
      const last = (await byN.limit(5).get()).docs.at(-1)!;
      expect(await ids(byN.startAfter(last).limit(1))).toEqual(['d5']);
      expect(await ids(partials.orderBy('parity').orderBy('n', 'desc').limit(2))).toEqual(['d18', 'd16']);
      expect(await ids(partials.where('long', '>=', 'x'.repeat(950)))).toEqual(['d19']);
    });

    it('orders by document name when nothing else is asked, and documents without the field are left out', async () => {
      for (const id of ['b', 'a', 'é', 'B', '10', '9', '😀', '￿'])
        await partials.doc(id).set({ [`f${id}`]: 1 });
      expect(await ids(partials)).toEqual(['10', '9', 'B', 'a', 'b', 'é', '￿', '😀']);
      expect(await ids(partials.orderBy('fa'))).toEqual(['a']);
      const name = FieldPath.documentId();
      expect(await ids(partials.where(name, '>', 'a').where(name, '<=', 'é'))).toEqual(['b', 'é']);
      expect(await ids(partials.where(name, 'in', ['10', 'zz']))).toEqual(['10']);
    });

    it('orders values of different types as Firestore does', async () => {
      const values = [
        null,
        false,
        true,
        -1.5,
        0,
        2,
        Timestamp.fromMillis(0),
        '',
        'a',
        'é',
        Buffer.from('a'),
        [1],
        { a: 1 },
      ];
      const batch = db.batch();
      for (const [index, v] of values.entries()) batch.set(partials.doc(`d${99 - index}`), { v, index });
      await batch.commit();
      const ordered = await partials.orderBy('v').get();
      expect(ordered.docs.map((each) => each.get('index') as number)).toEqual(
        values.map((_, index) => index),
      );
      expect(await ids(partials.where('v', '<', 1))).toEqual(['d96', 'd95']);
    });

    it('understands in, not-in, != and arrays, and or', async () => {
      await partials.doc('a').set({ s: 'x', tags: ['red', 'blue'] });
      await partials.doc('b').set({ s: 'y', tags: ['green'] });
      await partials.doc('c').set({ s: 'z', tags: [] });
      await partials.doc('d').set({ s: null });
      await partials.doc('e').set({});
      expect(await ids(partials.where('s', 'in', ['x', 'z']))).toEqual(['a', 'c']);
      expect(await ids(partials.where('s', 'not-in', ['x']))).toEqual(['b', 'c']);
      expect(await ids(partials.where('s', '!=', 'y'))).toEqual(['a', 'c']);
      expect(await ids(partials.where('s', '!=', null))).toEqual(['a', 'b', 'c']);
      expect(await ids(partials.where('tags', 'array-contains', 'blue'))).toEqual(['a']);
      expect(await ids(partials.where('tags', 'array-contains-any', ['green', 'red']))).toEqual(['a', 'b']);
      const either = Filter.or(Filter.where('s', '==', 'y'), Filter.where('tags', 'array-contains', 'red'));
      expect(await ids(partials.where(either))).toEqual(['a', 'b']);
    });

    it('selects single fields, or none', async () => {
      await partials.doc('a').set({ w: 'w1', data: 'x'.repeat(5_000), m: { x: 1, y: 2 } });
      const some = await partials.where('w', '==', 'w1').select('w', 'm.y').get();
      expect(some.docs.map((each) => each.data())).toEqual([{ w: 'w1', m: { y: 2 } }]);
      const long = await partials.select('data').get();
      expect(long.docs[0]!.data()).toEqual({ data: 'x'.repeat(5_000) });
      const none = await partials.select().get();
      expect(none.docs.map((each) => [each.id, each.data()])).toEqual([['a', {}]]);
    });

    it('counts, sums and averages', async () => {
      for (const n of [1, 2, 3, 4]) await partials.doc(`d${n}`).set({ n, w: n > 1 ? 'w1' : 'w2' });
      const query = partials.where('w', '==', 'w1');
      expect((await query.count().get()).data().count).toBe(3);
      const result = await query
        .aggregate({ sum: AggregateField.sum('n'), mean: AggregateField.average('n') })
        .get();
      expect(result.data()).toEqual({ sum: 9, mean: 3 });
    });

    it('keeps collections apart, finds subcollections and collection groups', async () => {
      await partials.doc('a').set({ n: 1 });
      await partials.doc('a/keys/k1').set({ n: 2 });
      await db.doc('windows/b/keys/k2').set({ n: 3 });
      expect(await ids(partials)).toEqual(['a']);
      expect(await ids(db.collection('partials/a/keys'))).toEqual(['k1']);
      expect(await ids(db.collectionGroup('keys'))).toEqual(['k1', 'k2']);
      expect((await db.listCollections()).map(({ id }) => id)).toEqual(['partials', 'windows']);
      expect((await partials.doc('a').listCollections()).map(({ id }) => id)).toEqual(['keys']);
    });

    it('lists the documents of a collection, page by page', async () => {
      const batch = db.batch();
      for (let n = 0; n < 400; n++) batch.create(partials.doc(`d${n}`), { n });
      await batch.commit();
      const listed = (await partials.listDocuments()).map(({ id }) => id);
      expect(listed).toEqual(Array.from({ length: 400 }, (_, n) => `d${n}`).sort());
    });

    it('reads a collection of more than a few megabytes whole', async () => {
      for (let at = 0; at < 600; at += 100) {
        const batch = db.batch();
        for (let n = at; n < at + 100; n++)
          batch.create(partials.doc(`d${n}`), { w: 'w1', data: 'x'.repeat(20_000) });
        await batch.commit();
      }
      const { docs } = await partials.where('w', '==', 'w1').get();
      expect(docs).toHaveLength(600);
      expect(docs.every((each) => (each.get('data') as string).length === 20_000)).toBe(true);
    });
  });

  describe('transactions', () => {
    it('lose no update when several change one document', async () => {
      const reference = partials.doc('counter');
      await reference.set({ n: 0 });
      await Promise.all(
        Array.from({ length: 4 }, () =>
          db.runTransaction(async (transaction) => {
            const read = await transaction.get(reference);
            transaction.update(reference, { n: (read.get('n') as number) + 1 });
          }),
        ),
      );
      expect((await reference.get()).get('n')).toBe(4);
    });

    it('see through a query what another transaction adds', async () => {
      const add = (id: string) =>
        db.runTransaction(async (transaction) => {
          const found = await transaction.get(partials.where('w', '==', 'w1'));
          transaction.create(partials.doc(id), { w: 'w1', before: found.size });
        });
      await Promise.all([add('a'), add('b'), add('c')]);
      const before = (await partials.get()).docs.map((each) => each.get('before') as number);
      expect(before.sort()).toEqual([0, 1, 2]);
    });

    it('that throw write nothing', async () => {
      const failing = db.runTransaction(async (transaction) => {
        await transaction.get(partials.doc('a'));
        transaction.set(partials.doc('a'), { n: 1 });
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect((await partials.doc('a').get()).exists).toBe(false);
    });

    it('that only read may read documents and queries', async () => {
      await partials.doc('a').set({ w: 'w1' });
      const seen = await db.runTransaction(
        async (transaction) => [
          (await transaction.get(partials.doc('a'))).get('w'),
          (await transaction.get(partials.where('w', '==', 'w1'))).size,
        ],
        { readOnly: true },
      );
      expect(seen).toEqual(['w1', 1]);
    });
  });
}

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runQuery } from '../../../local/firestore/query.ts';
import { DocumentStore } from '../../../local/firestore/store.ts';

const ROOT = 'projects/p/databases/(default)/documents';
const nameOf = (id: string): string => `${ROOT}/partials/${id}`;

let dir: string;
let nowMs: number;
let store: DocumentStore;

const open = (): DocumentStore => new DocumentStore({ dir, now: () => nowMs, segmentBytes: 20_000 });
const put = (id: string, w: string, data = 'x'): void => {
  const fields = { w: { stringValue: w }, data: { stringValue: data } };
  store.commit([{ update: { name: nameOf(id), fields } }]);
};
const find = (w: string): string[] =>
  runQuery(store, ROOT, {
    from: [{ collectionId: 'partials' }],
    where: { fieldFilter: { field: { fieldPath: 'w' }, op: 5, value: { stringValue: w } } },
  }).map(({ id }) => id);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'store-'));
  nowMs = Date.UTC(2026, 10, 20);
  store = open();
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

describe('the documents on disk', () => {
  it('are the same after a restart: fields, times, queries', () => {
    put('a', 'w1', 'x'.repeat(5_000));
    put('b', 'w2');
    put('a', 'w2', 'y'.repeat(5_000));
    put('c', 'w2');
    store.commit([{ delete: nameOf('c') }]);
    const before = ['a', 'b'].map((id) => store.load(store.entry(nameOf(id))!));
    store.close();
    store = open();
    expect(['a', 'b'].map((id) => store.load(store.entry(nameOf(id))!))).toEqual(before);
    expect(find('w2')).toEqual(['a', 'b']);
    expect(store.entry(nameOf('c'))).toBeUndefined();
    expect(store.stats.documents).toBe(2);
  });

  it('do not grow with what was overwritten or deleted, and nothing alive is lost on the way', () => {
    for (let n = 0; n < 20; n++) put(`kept${n}`, 'kept', String(n));
    for (let n = 0; n < 2_000; n++) {
      put(`passing${n % 7}`, `w${n % 3}`, 'x'.repeat(1_000));
      if (n % 10 === 0) store.commit([{ delete: nameOf(`passing${n % 7}`) }]);
    }
    expect(store.stats.bytes).toBeLessThan(200_000);
    expect(readdirSync(dir).length).toBeLessThan(10);
    const passing = find('w1');
    for (const restarted of [false, true]) {
      if (restarted) {
        store.close();
        store = open();
      }
      expect(find('kept')).toHaveLength(20);
      expect(find('w1')).toEqual(passing);
      const data = store.load(store.entry(nameOf('kept7'))!).fields!.data;
      expect(data).toEqual({ stringValue: '7' });
    }
  });

  it('keep update times rising when the clock is put back, over a restart too', () => {
    put('a', 'w1');
    nowMs -= 60_000;
    put('b', 'w1');
    store.close();
    store = open();
    put('c', 'w1');
    const times = ['a', 'b', 'c'].map((id) => store.entry(nameOf(id))!.updateUs);
    expect(times[1]).toBeGreaterThan(times[0]!);
    expect(times[2]).toBeGreaterThan(times[1]!);
  });

  it('are removed when their time is past: those of the named group and field alone', () => {
    const at = (ms: number) => ({ expires_at: { timestampValue: { seconds: String(ms / 1000) } } });
    const collections = ['partials/old', 'partials/young', 'partials/a/partials/deep', 'windows/old'];
    for (const [index, path] of collections.entries()) {
      const fields = at(nowMs + (index === 1 ? 60_000 : -60_000));
      store.commit([{ update: { name: `${ROOT}/${path}`, fields } }]);
    }
    put('never', 'w1');
    expect(store.expire('partials', 'expires_at', nowMs)).toBe(2);
    expect(store.expire('partials', 'expires_at', nowMs)).toBe(0);
    expect(store.stats.documents).toBe(3);
    nowMs += 60_000;
    expect(store.expire('partials', 'expires_at', nowMs)).toBe(1);
    store.close();
    store = open();
    expect(store.stats.documents).toBe(2);
  });
});

describe('what is not supported is refused by name', () => {
  const from = [{ collectionId: 'partials' }];
  const where = (op: number) => ({
    fieldFilter: { field: { fieldPath: 'w' }, op, value: { stringValue: 'a' } },
  });
  it.each([
    ['a search for neighbours', { from, findNearest: {} }, 'findNearest'],
    ['an operator nobody knows', { from, where: where(99) }, '99'],
    ['two collections', { from: [...from, ...from] }, 'from'],
    ['a negative limit', { from, limit: { value: -1 } }, 'limit'],
    ['a field path without an end', { from, orderBy: [{ field: { fieldPath: 'a.' } }] }, 'a.'],
  ])('%s', (_, query, message) => {
    put('a', 'w1');
    expect(() => runQuery(store, ROOT, query)).toThrow(message);
  });

  it.each(['partials', 'projects/p/databases/(default)/documents/partials', `${ROOT}/a//b`, `${ROOT}/`, ''])(
    'a document named "%s"',
    (name) => {
      expect(() => store.commit([{ update: { name } }])).toThrow('Document name');
      expect(store.stats.documents).toBe(0);
    },
  );
});

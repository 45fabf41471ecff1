import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CatalogueStore,
  catalogueInBucket,
} from '../../../../functions/parse/pattern/catalogue-store.ts';
import { livePatterns } from '../../../../functions/parse/pattern/live.ts';
import { maskedPattern } from '../../../../functions/parse/pattern/masked.ts';
import { relearn } from '../../../../functions/parse/pattern/relearn.ts';
import { type StorageService, startStorage } from '../../../../local/storage/service.ts';

const NAMES = ['ann', 'bob', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hal'];
const line = (name: string) => `login of ${name} was refused by the guard`;
const samples = (names: readonly string[]) => names.map((name) => ({ message: line(name), entries: 1 }));

let folder: string;
let service: StorageService;
let store: CatalogueStore;
let reports: string[];

const live = (of: CatalogueStore = store) =>
  livePatterns({
    store: of,
    refreshMs: 1000,
    report: (outcome, detail) => reports.push(`${outcome}: ${detail}`),
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'live-'));
  service = await startStorage({ port: 0, dataDir: folder });
  const storage = new Storage({ projectId: 'demo', apiEndpoint: `http://127.0.0.1:${service.port}` });
  const [bucket] = await storage.createBucket('models');
  store = catalogueInBucket(bucket);
  reports = [];
});

afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

describe('the catalogue in use', () => {
  it('is none at first, and then the one that was learned, the same in every instance', async () => {
    const [one, other] = [live(), live()];
    expect(await one.refresh(0)).toBe('none');
    expect(one.patternOf(line('ann'))).toMatchObject({ id: maskedPattern(line('ann')).id, known: false });

    expect(await relearn(samples(NAMES), store)).toMatchObject({
      revision: 1,
      samples: 8,
      patterns: 1,
      fresh: 1,
      merged: 0,
    });
    expect(await one.refresh(1000)).toBe('replaced');
    expect(await other.refresh(0)).toBe('replaced');
    expect(one.patternOf(line('zoe'))).toMatchObject({ known: true, parameters: ['zoe'] });
    expect(one.patternOf(line('zoe')).id).toBe(other.patternOf(line('ann')).id);
    expect(reports).toEqual(['replaced: revision 1, 1 patterns', 'replaced: revision 1, 1 patterns']);
  });

  it('is looked up no more often than it is due, and downloaded only when it changed', async () => {
    await relearn(samples(NAMES), store);
    let reads = 0;
    const read: CatalogueStore['read'] = (known) => {
      reads++;
      return store.read(known);
    };
    const counted = live({ ...store, read });
    expect(await counted.refresh(0)).toBe('replaced');
    expect(await counted.refresh(999)).toBe('same');
    expect(reads).toBe(1);
    expect(await counted.refresh(1000)).toBe('same');
    expect(reads).toBe(2);
    expect(reports).toHaveLength(1);
  });

  it('stays when the stored one is damaged, and is replaced by the next good one', async () => {
    await relearn(samples(NAMES), store);
    const patterns = live();
    await patterns.refresh(0);
    const good = await store.read(null);
    if (good === null || good === 'same') throw new Error('nothing stored');
    await store.write(good.text.replace('login', 'logon'), good.generation);
    expect(await patterns.refresh(1000)).toBe('refused');
    expect(reports.at(-1)).toBe('refused: checksum does not fit the content');
    expect(patterns.patternOf(line('zoe')).known).toBe(true);
    await expect(relearn(samples(['zoe']), store)).rejects.toThrow(
      'the stored catalogue is refused: checksum',
    );

    const bad = await store.read(null);
    if (bad === null || bad === 'same') throw new Error('nothing stored');
    await store.write(good.text, bad.generation);
    expect(await patterns.refresh(2000)).toBe('replaced');
  });

  it('stays when the store does not answer', async () => {
    const patterns = live({ ...store, read: () => Promise.reject(new TypeError('secret')) });
    expect(await patterns.refresh(0)).toBe('failed');
    expect(reports).toEqual(['failed: TypeError']);
    expect(patterns.patternOf('order 1').template).toBe('order <*>');
  });
});

describe('two learners at once', () => {
  it('do not lose what the other learned', async () => {
    let first = true;
    const slow: CatalogueStore = {
      ...store,
      write: async (text, replaces) => {
        if (first) {
          first = false;
          await relearn(samples(NAMES), store);
        }
        return store.write(text, replaces);
      },
    };
    expect(await relearn([{ message: 'disk sda is full', entries: 3 }], slow)).toMatchObject({
      revision: 2,
      patterns: 2,
      fresh: 1,
    });
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Bucket, Storage } from '@google-cloud/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StorageService, startStorage } from '../../../local/storage/service.ts';
import { ManualTimers } from '../../manual-timers.ts';
import { startProcess } from '../service-process.ts';

const DAY_MS = 86_400_000;

let dataDir: string;
let service: StorageService;
let storage: Storage;
let bucket: Bucket;

const clientOf = (port: number): Storage =>
  new Storage({ projectId: 'demo', apiEndpoint: `http://127.0.0.1:${port}` });

/** A client that does not try again what failed. */
const strictOf = (port: number): Storage =>
  new Storage({
    projectId: 'demo',
    apiEndpoint: `http://127.0.0.1:${port}`,
    retryOptions: { autoRetry: false, maxRetries: 0 },
  });

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'storage-'));
  service = await startStorage({ port: 0, dataDir });
  storage = clientOf(service.port);
  [bucket] = await storage.createBucket('archive');
});

afterEach(async () => {
  await service.close();
  await rm(dataDir, { recursive: true });
});

const textOf = async (name: string): Promise<string> => (await bucket.file(name).download())[0].toString();
const names = async (options = {}): Promise<string[]> =>
  (await bucket.getFiles(options))[0].map(({ name }) => name);

describe("Google's client and buckets", () => {
  it('makes them once, shows, lists, and deletes them when empty', async () => {
    await expect(storage.createBucket('archive')).rejects.toMatchObject({ code: 409 });
    await storage.createBucket('backup', { storageClass: 'NEARLINE', location: 'EU' });
    expect((await storage.getBuckets())[0].map(({ name }) => name)).toEqual(['archive', 'backup']);
    const [metadata] = await storage.bucket('backup').getMetadata();
    expect(metadata).toMatchObject({
      name: 'backup',
      storageClass: 'NEARLINE',
      location: 'EU',
      metageneration: '1',
    });
    await bucket.file('a').save('x');
    await expect(bucket.delete()).rejects.toMatchObject({ code: 409 });
    await bucket.file('a').delete();
    await bucket.delete();
    expect(await bucket.exists()).toEqual([false]);
    await expect(bucket.file('a').save('x', { resumable: false })).rejects.toMatchObject({ code: 404 });
  });

  it('keeps lifecycle, retention and versioning as they are set', async () => {
    await bucket.addLifecycleRule({ action: { type: 'Delete' }, condition: { age: 30 } });
    await bucket.setRetentionPeriod(3_600);
    await bucket.setMetadata({ versioning: { enabled: true }, labels: { team: 'logs' } });
    const [metadata] = await bucket.getMetadata();
    expect(metadata).toMatchObject({
      lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 30 } }] },
      retentionPolicy: { retentionPeriod: '3600' },
      versioning: { enabled: true },
      labels: { team: 'logs' },
      metageneration: '4',
    });
    await bucket.setMetadata({ labels: { team: null } });
    expect((await bucket.getMetadata())[0].labels).toEqual({});
  });

  it.each(['..', 'UPPER', 'a/b', 'a', '-a-'])('refuses the name "%s"', async (name) => {
    await expect(storage.createBucket(name)).rejects.toThrow();
    expect(service.stats().buckets).toBe(1);
  });
});

describe("Google's client and objects", () => {
  it.each([
    ['in one request', { resumable: false }],
    ['in a resumable upload', { resumable: true }],
  ])('uploads %s and reads back the same bytes, with their hashes', async (_, options) => {
    for (const bytes of [0, 1, 300_000, 3_000_000]) {
      const content = randomBytes(bytes);
      const file = bucket.file(`dir/${bytes}`);
      await file.save(content, {
        ...options,
        validation: 'md5',
        contentType: 'application/avro',
        metadata: { metadata: { batch: 'b1' } },
      });
      expect((await file.download())[0].equals(content)).toBe(true);
      expect((await file.getMetadata())[0]).toMatchObject({
        size: String(bytes),
        contentType: 'application/avro',
        metadata: { batch: 'b1' },
        storageClass: 'STANDARD',
        md5Hash: createHash('md5').update(content).digest('base64'),
      });
    }
  });

  it.each([
    'plain',
    'with space & ?query#hash+plus%41',
    '../../etc/passwd',
    'a/../b',
    '/leading//double/',
    'ünïcödé/😀',
    `long/${'x'.repeat(1_000)}`,
    '.json',
    'con:<>|*"',
  ])('keeps an object named "%s" apart from all others, inside its folder', async (name) => {
    await bucket.file(name).save(name, { resumable: false });
    await bucket.file('other').save('other', { resumable: false });
    expect(await textOf(name)).toBe(name);
    expect((await names()).sort()).toEqual(['other', name].sort());
    expect(readdirSync(dataDir).sort()).toEqual(['buckets', 'incoming', 'uploads']);
    await bucket.file(name).delete();
    expect(await names()).toEqual(['other']);
  });

  it('reads ranges', async () => {
    const file = bucket.file('a');
    await file.save('0123456789', { resumable: false });
    const range = async (start?: number, end?: number): Promise<string> =>
      (
        await file.download({
          ...(start === undefined ? {} : { start }),
          ...(end === undefined ? {} : { end }),
        })
      )[0].toString();
    expect(await range(2, 4)).toBe('234');
    expect(await range(7)).toBe('789');
    expect(await range(0, 100)).toBe('0123456789');
    expect(await range(undefined, -3)).toBe('789');
  });

  it('writes only over what it expects: conditions on generations', async () => {
    const file = bucket.file('state');
    await file.save('one', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    const again = file.save('two', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    await expect(again).rejects.toMatchObject({ code: 412 });
    const resumable = file.save('two', { resumable: true, preconditionOpts: { ifGenerationMatch: 0 } });
    await expect(resumable).rejects.toMatchObject({ code: 412 });
    expect(await textOf('state')).toBe('one');
    const generation = Number((await file.getMetadata())[0].generation);
    await file.save('three', { resumable: false, preconditionOpts: { ifGenerationMatch: generation } });
    expect(await textOf('state')).toBe('three');
    await expect(file.delete({ ifGenerationMatch: generation })).rejects.toMatchObject({ code: 412 });
    await expect(bucket.file('state', { generation }).download()).rejects.toMatchObject({ code: 404 });
    const [{ metageneration }] = await file.getMetadata();
    await file.setMetadata({ cacheControl: 'no-store' }, { ifMetagenerationMatch: Number(metageneration) });
    const stale = file.setMetadata({ cacheControl: 'x' }, { ifMetagenerationMatch: Number(metageneration) });
    await expect(stale).rejects.toMatchObject({ code: 412 });
  });

  it('lets one of many writers that expect nothing there win', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        bucket
          .file('once')
          .save(`writer ${n}`, { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } }),
      ),
    );
    const winners = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
    expect(winners).toHaveLength(1);
    expect(await textOf('once')).toBe(`writer ${winners[0]}`);
  });

  it('refuses bytes that are not what their hash says, and keeps what was there', async () => {
    await bucket.file('a').save('old', { resumable: false });
    const strict = strictOf(service.port).bucket('archive');
    for (const metadata of [{ md5Hash: 'AAAAAAAAAAAAAAAAAAAAAA==' }, { crc32c: 'AAAAAA==' }]) {
      for (const resumable of [false, true]) {
        const saved = strict.file('a').save('new', { resumable, validation: false, metadata });
        await expect(saved).rejects.toMatchObject({
          code: 400,
          message: expect.stringContaining('match calculated'),
        });
      }
    }
    expect(await textOf('a')).toBe('old');
  });

  it('changes what is known of an object: set, merge, take out', async () => {
    const file = bucket.file('a');
    await file.save('x', { resumable: false, metadata: { metadata: { keep: '1', drop: '2' } } });
    const [before] = await file.getMetadata();
    await file.setMetadata({ contentType: 'text/plain', metadata: { drop: null, add: '3' } });
    const [after] = await file.getMetadata();
    expect(after).toMatchObject({ contentType: 'text/plain', metadata: { keep: '1', add: '3' } });
    expect(after.metadata).not.toHaveProperty('drop');
    expect(after.generation).toBe(before.generation);
    expect([before.metageneration, after.metageneration]).toEqual(['1', '2']);
  });

  it('lists with prefix, delimiter, offsets and pages', async () => {
    const all = ['a', 'logs/1/x', 'logs/1/y', 'logs/2/x', 'logs/z', 'z'];
    for (const name of all) await bucket.file(name).save('x', { resumable: false });
    expect(await names()).toEqual(all);
    expect(await names({ prefix: 'logs/1/' })).toEqual(['logs/1/x', 'logs/1/y']);
    expect(await names({ startOffset: 'logs/2', endOffset: 'z' })).toEqual(['logs/2/x', 'logs/z']);
    const pages: string[][] = [];
    for (let after: string | undefined; ; ) {
      const pageToken = after === undefined ? {} : { pageToken: after };
      const [page, more] = await bucket.getFiles({ maxResults: 4, autoPaginate: false, ...pageToken });
      pages.push(page.map(({ name }) => name));
      after = (more as { pageToken?: string } | null)?.pageToken;
      if (after === undefined) break;
    }
    expect(pages).toEqual([all.slice(0, 4), all.slice(4)]);
    const [files, next, response] = await bucket.getFiles({
      prefix: 'logs/',
      delimiter: '/',
      autoPaginate: false,
      maxResults: 2,
    });
    expect([files, (response as { prefixes: string[] }).prefixes]).toEqual([[], ['logs/1/', 'logs/2/']]);
    const [rest] = await bucket.getFiles(next!);
    expect(rest.map(({ name }) => name)).toEqual(['logs/z']);
  });

  it('copies, moves, changes the class, composes', async () => {
    const file = bucket.file('a');
    await file.save('one', {
      resumable: false,
      contentType: 'text/plain',
      metadata: { metadata: { k: 'v' } },
    });
    const [backup] = await storage.createBucket('backup');
    await file.copy(backup.file('copied'));
    expect((await backup.file('copied').getMetadata())[0]).toMatchObject({
      contentType: 'text/plain',
      metadata: { k: 'v' },
    });
    await file.setStorageClass('coldline');
    expect((await file.getMetadata())[0]).toMatchObject({ storageClass: 'COLDLINE', metadata: { k: 'v' } });
    await file.move('b');
    expect(await names()).toEqual(['b']);
    await bucket.file('c').save('two', { resumable: false });
    await bucket.combine(['b', 'c', 'b'], 'd');
    expect(await textOf('d')).toBe('onetwoone');
    const [composed] = await bucket.file('d').getMetadata();
    expect(composed).toMatchObject({ size: '9', componentCount: 3 });
    expect(composed).not.toHaveProperty('md5Hash');
    const missing = bucket.combine(['b', 'none'], 'e');
    await expect(missing).rejects.toMatchObject({ code: 404 });
    await expect(
      file.copy(backup.file('copied'), { preconditionOpts: { ifGenerationMatch: 0 } }),
    ).rejects.toMatchObject({ code: 404 });
    const onto = bucket.file('b').copy(backup.file('copied'), { preconditionOpts: { ifGenerationMatch: 0 } });
    await expect(onto).rejects.toMatchObject({ code: 412 });
  });

  it('keeps gzip as it is for who takes it, and unpacks it for who does not', async () => {
    const text = 'line\n'.repeat(10_000);
    await bucket.file('a.log').save(gzipSync(text), {
      resumable: false,
      metadata: { contentEncoding: 'gzip', contentType: 'text/plain' },
    });
    expect(await textOf('a.log')).toBe(text);
    expect((await bucket.file('a.log').download({ decompress: false }))[0].equals(gzipSync(text))).toBe(true);
    const url = `http://127.0.0.1:${service.port}/storage/v1/b/archive/o/a.log?alt=media`;
    const unpacked = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
    expect(unpacked.headers.get('content-encoding')).toBeNull();
    expect(await unpacked.text()).toBe(text);
  });

  it("tells of errors in Google's words and shape", async () => {
    const answer = await fetch(`http://127.0.0.1:${service.port}/storage/v1/b/archive/o/none`);
    expect(answer.status).toBe(404);
    const message = 'No such object: archive/none';
    expect(await answer.json()).toEqual({
      error: { code: 404, message, errors: [{ message, domain: 'global', reason: 'notFound' }] },
    });
  });

  it('is reached by STORAGE_EMULATOR_HOST too', async () => {
    process.env.STORAGE_EMULATOR_HOST = `http://127.0.0.1:${service.port}`;
    try {
      const other = new Storage({ projectId: 'demo' }).bucket('archive');
      for (const resumable of [false, true]) {
        await other.file('a b').save('content', { resumable });
        expect((await other.file('a b').download())[0].toString()).toBe('content');
      }
      expect((await other.getFiles())[0].map(({ name }) => name)).toEqual(['a b']);
    } finally {
      delete process.env.STORAGE_EMULATOR_HOST;
    }
  });

  it('streams what is larger than memory should hold', async () => {
    const path = join(dataDir, 'large.bin');
    await writeFile(path, randomBytes(40 << 20));
    await bucket.upload(path, { destination: 'large', resumable: false });
    await bucket.upload(path, { destination: 'large2', chunkSize: 16 << 20 });
    const [[one], [two]] = await Promise.all([
      bucket.file('large').getMetadata(),
      bucket.file('large2').getMetadata(),
    ]);
    expect(one.size).toBe(String(40 << 20));
    expect(two.md5Hash).toBe(one.md5Hash);
    const hash = createHash('md5');
    for await (const chunk of bucket.file('large2').createReadStream() as AsyncIterable<Buffer>)
      hash.update(chunk);
    expect(hash.digest('base64')).toBe(one.md5Hash);
  });
});

describe('lifecycle', () => {
  it('removes old objects and makes others colder, as time goes by', async () => {
    const timers = new ManualTimers();
    const other = await mkdtemp(join(tmpdir(), 'storage-'));
    const aging = await startStorage({ port: 0, dataDir: other, timers, lifecycleMs: DAY_MS });
    const [old] = await clientOf(aging.port).createBucket('aging');
    await old.setMetadata({
      lifecycle: {
        rule: [
          { action: { type: 'SetStorageClass', storageClass: 'NEARLINE' }, condition: { age: 10 } },
          { action: { type: 'Delete' }, condition: { age: 30, matchesPrefix: ['tmp/'] } },
        ],
      },
    });
    for (const name of ['logs/a', 'tmp/b']) await old.file(name).save('x', { resumable: false });
    const classes = async (): Promise<unknown[]> =>
      (await old.getFiles())[0].map(({ name, metadata }) => [name, metadata.storageClass]);
    await timers.advance(9 * DAY_MS);
    expect(await classes()).toEqual([
      ['logs/a', 'STANDARD'],
      ['tmp/b', 'STANDARD'],
    ]);
    await timers.advance(DAY_MS);
    expect(await classes()).toEqual([
      ['logs/a', 'NEARLINE'],
      ['tmp/b', 'NEARLINE'],
    ]);
    await timers.advance(20 * DAY_MS);
    expect(await classes()).toEqual([['logs/a', 'NEARLINE']]);
    await aging.close();
    await rm(other, { recursive: true });
  });
});

describe('after a restart', () => {
  it('everything is as it was, and generations go on rising', async () => {
    await bucket.file('a').save('one', { resumable: false });
    await bucket.file('a').save('two', { resumable: false, metadata: { metadata: { k: 'v' } } });
    await bucket.file('gone').save('x', { resumable: false });
    await bucket.file('gone').delete();
    const [before] = await bucket.file('a').getMetadata();
    await service.close();
    service = await startStorage({ port: 0, dataDir });
    bucket = clientOf(service.port).bucket('archive');
    const [after] = await bucket.file('a').getMetadata();
    const { selfLink: _, mediaLink: __, ...rest } = before;
    expect(after).toMatchObject(rest);
    expect(await textOf('a')).toBe('two');
    expect(await names()).toEqual(['a']);
    await bucket.file('a').save('three', { resumable: false });
    expect(Number((await bucket.file('a').getMetadata())[0].generation)).toBeGreaterThan(
      Number(before.generation),
    );
  });
});

describe('what a death in mid-write left behind', () => {
  it('is swept away at the next start, and what it was to replace is there', async () => {
    await bucket.file('a').save('old', { resumable: false });
    await service.close();
    const objects = join(dataDir, 'buckets/archive/objects');
    const [folder] = readdirSync(objects);
    const [data] = readdirSync(join(objects, folder!)).filter((file) => !file.endsWith('.json'));
    const hash = data!.split('.')[0]!;
    for (const leftover of [`${hash}.9999999999999999`, `${hash}.json.new`]) {
      await writeFile(join(objects, folder!, leftover), 'half');
    }
    await writeFile(join(dataDir, 'incoming/half'), 'half');
    await mkdir(join(dataDir, 'buckets/never'));
    service = await startStorage({ port: 0, dataDir });
    bucket = clientOf(service.port).bucket('archive');
    expect(await textOf('a')).toBe('old');
    expect(readdirSync(join(objects, folder!)).sort()).toEqual([data, `${hash}.json`].sort());
    expect(readdirSync(join(dataDir, 'incoming'))).toEqual([]);
    expect(service.stats()).toEqual({ buckets: 1, objects: 1 });
  });
});

describe('the service killed without warning in the midst of uploads', () => {
  it('has every object it acknowledged, whole, and none in part', async () => {
    const other = await mkdtemp(join(tmpdir(), 'storage-'));
    const first = await startProcess('local/storage/service.ts', 'startStorage', { dataDir: other });
    const target = strictOf(first.port).bucket('archive');
    await strictOf(first.port).createBucket('archive');
    const acknowledged = new Map<string, string>();
    let killed: Promise<void> | undefined;
    const write = async (n: number): Promise<void> => {
      const [name, content] = [`o${n % 40}`, `${n}:${'x'.repeat((n % 5) * 200_000)}`];
      await target.file(name).save(content, { resumable: false });
      acknowledged.set(name, content);
      if (n === 120) killed = first.kill();
    };
    const writers = Array.from({ length: 4 }, async (_, index) => {
      for (let n = index; n < 10_000; n += 4) await write(n);
    });
    await Promise.allSettled(writers);
    await killed;
    const second = await startStorage({ port: 0, dataDir: other });
    const reader = clientOf(second.port).bucket('archive');
    for (const [name, content] of acknowledged) {
      const found = (await reader.file(name).download())[0].toString();
      // A later upload to the name may have been taken in without its answer getting out: whole, too.
      const [, n] = /^(\d+):/.exec(found) ?? [];
      expect(Number(n)).toBeGreaterThanOrEqual(Number(content.split(':')[0]));
      expect(found).toBe(`${n}:${'x'.repeat((Number(n) % 5) * 200_000)}`);
    }
    expect(acknowledged.size).toBe(40);
    await second.close();
    await rm(other, { recursive: true });
  });
});

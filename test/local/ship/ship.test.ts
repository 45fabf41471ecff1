import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ship } from '../../../local/ship/ship.ts';
import { ManualTimers } from '../../manual-timers.ts';
import { type Harbour, openHarbour, recordsOf } from './harbour.ts';

let harbour: Harbour;

beforeEach(async () => {
  harbour = await openHarbour();
});

afterEach(async () => {
  await harbour.close();
});

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(harbour.dir, name);
  await writeFile(path, content);
  return path;
}

const lines = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `line ${from + i} of the file`);

describe('shipping a file', () => {
  it('every line arrives, in batches of a thousand at most', async () => {
    const path = await file('app.log', `${lines(2500).join('\n')}\n`);
    const counts = await ship({ ...harbour.options, files: [path] });
    const batches = await harbour.all();
    expect(recordsOf(batches).sort()).toEqual(lines(2500).sort());
    expect(batches.map(({ records }) => records.texts.length).sort()).toEqual([1000, 1000, 500]);
    expect(counts).toMatchObject({ lines: 2500, batches: 3, blank: 0, tooLong: 0, backfill: 0 });
  });

  it('line ends of any kind, empty lines and a last line without newline are taken as the ingest takes them', async () => {
    const path = await file('app.log', 'one\r\n\r\n two \n\n\t\nthree');
    const counts = await ship({ ...harbour.options, files: [path] });
    expect(recordsOf(await harbour.all())).toEqual(['one', ' two ', 'three']);
    expect(counts).toMatchObject({ lines: 3, blank: 3 });
  });

  it('bytes that are no UTF-8 arrive as they are', async () => {
    const path = await file('app.log', Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0xc3, 0xa9, 0x0a]));
    await ship({ ...harbour.options, files: [path] });
    const [batch] = await harbour.all();
    expect(batch!.records.texts).toEqual(['a\u00ff\u00fe', 'é']);
    expect(batch!.records.latin1).toEqual(new Set([0]));
  });

  it('a line of 20 MB goes alone, and whole', async () => {
    const long = 'x'.repeat(20 * 2 ** 20);
    const path = await file('app.log', `a\n${long}\nb\n`);
    const counts = await ship({ ...harbour.options, files: [path] });
    const batches = await harbour.all();
    expect(batches.map(({ records }) => records.texts.map((text) => text.length)).sort()).toEqual([
      [1],
      [1],
      [long.length],
    ]);
    expect(counts).toMatchObject({ lines: 3, tooLong: 0 });
  });

  it('a line that no message can hold is left out, counted and named; the others arrive', async () => {
    const random = randomBytes(9 * 2 ** 20).toString('base64');
    const path = await file('app.log', `a\n${random}\nb\n`);
    const counts = await ship({ ...harbour.options, files: [path] });
    expect(recordsOf(await harbour.all()).sort()).toEqual(['a', 'b']);
    expect(counts).toMatchObject({ lines: 2, tooLong: 1 });
    expect(harbour.options.warnings).toEqual([
      expect.stringMatching(/app\.log: the line of 12 MiB at byte 2 is/),
    ]);
  });

  it('a gzip file is unpacked, whatever it is called, also when it is several in one', async () => {
    const packed = Buffer.concat([gzipSync('one\ntw'), gzipSync('o\nthree\n')]);
    await ship({ ...harbour.options, files: [await file('app.log', packed)] });
    expect(recordsOf(await harbour.all())).toEqual(['one', 'two', 'three']);
  });

  it('a gzip file that is cut off ends with an error that names it', async () => {
    const packed = gzipSync(randomBytes(100_000).toString('hex').replace(/.{50}/g, '$&\n'));
    const path = await file('app.gz', packed.subarray(0, packed.length / 2));
    await expect(ship({ ...harbour.options, files: [path] })).rejects.toThrow(
      /app\.gz: the gzip stream is cut off/,
    );
  });

  it('other compressions are refused by name', async () => {
    const path = await file('app.zst', Buffer.from('28b52ffd0000', 'hex'));
    await expect(ship({ ...harbour.options, files: [path] })).rejects.toThrow(/compressed by zstd/);
  });

  it('an empty file is shipped with nothing', async () => {
    const counts = await ship({ ...harbour.options, files: [await file('app.log', '')] });
    expect(await harbour.all()).toEqual([]);
    expect(counts).toMatchObject({ lines: 0, batches: 0 });
  });

  it('standard input is read to its end', async () => {
    const stdin = Readable.from([Buffer.from('one\nt'), Buffer.from('wo\n')]);
    await ship({ ...harbour.options, files: ['-'], stdin });
    expect(recordsOf(await harbour.all())).toEqual(['one', 'two']);
  });

  it('a line on standard input waits for others no longer than a second', async () => {
    const timers = new ManualTimers();
    const stdin = new PassThrough();
    const shipped = ship({ ...harbour.options, files: ['-'], stdin, timers });
    stdin.write('one\n');
    while (timers.size === 0) await new Promise(setImmediate);
    await timers.advance(1000);
    expect(recordsOf(await harbour.arrived(1))).toEqual(['one']);
    stdin.end('two');
    await shipped;
    expect(recordsOf(await harbour.all())).toEqual(['two']);
  });
});

describe('what a message carries', () => {
  const attributesOf = async () => (await harbour.all()).map(({ message }) => message.attributes);

  it('service, host, file and batch id', async () => {
    await ship({ ...harbour.options, files: [await file('OpenSSH_2k.log', 'a\n')] });
    expect(await attributesOf()).toEqual([
      {
        service: 'openssh',
        host: 'host-1',
        file: 'OpenSSH_2k.log',
        'logweir-batch-id': expect.stringMatching(/^s[\w-]{22}$/),
      },
    ]);
  });

  it('the service that was asked for', async () => {
    await ship({ ...harbour.options, files: [await file('a.log', 'a\n')], service: 'billing' });
    expect((await attributesOf())[0]).toMatchObject({ service: 'billing' });
  });

  it('the mark of a backfill where entries are old, or where it was asked for', async () => {
    const old = await file('old.log', '2020-01-01T00:00:00Z INFO a\n');
    const fresh = await file('fresh.log', `${new Date().toISOString()} INFO a\n`);
    const counts = await ship({ ...harbour.options, files: [old, fresh] });
    await ship({ ...harbour.options, files: [old], backfill: false });
    await ship({ ...harbour.options, files: [fresh], backfill: true });
    const marks = (await attributesOf()).map((attributes) => [
      attributes.file,
      attributes['logweir-backfill'],
    ]);
    expect(marks).toEqual([
      ['old.log', 'true'],
      ['fresh.log', undefined],
      ['old.log', undefined],
      ['fresh.log', 'true'],
    ]);
    expect(counts.backfill).toBe(1);
  });
});

describe('the batch id', () => {
  const idsOf = async (): Promise<string[]> => (await harbour.all()).map(({ id }) => id).sort();

  async function ids(path: string, options: object = {}): Promise<string[]> {
    await ship({ ...harbour.options, files: [path], ...options });
    return idsOf();
  }

  it('is the same when the same file is shipped again', async () => {
    const path = await file('app.log', lines(2500).join('\n'));
    expect(await ids(path)).toEqual(await ids(path));
  });

  it('differs between batches of the same lines in one file', async () => {
    const path = await file('app.log', 'the same\n'.repeat(3000));
    expect(new Set(await ids(path)).size).toBe(3);
  });

  it('differs between two files, services and hosts with the same lines', async () => {
    await mkdir(join(harbour.dir, 'other'));
    const path = await file('app.log', 'the same\n');
    const all = [
      ...(await ids(path)),
      ...(await ids(await file('other/app.log', 'the same\n'))),
      ...(await ids(path, { service: 'another' })),
      ...(await ids(path, { host: 'host-2' })),
    ];
    expect(new Set(all).size).toBe(4);
  });

  it('is a new one each time for standard input', async () => {
    const stdin = () => ({ stdin: Readable.from([Buffer.from('the same\n')]) });
    expect(await ids('-', stdin())).not.toEqual(await ids('-', stdin()));
  });
});

describe('what cannot be shipped is said at once', () => {
  it.each([
    ['a file that is not there', () => join(harbour.dir, 'none.log'), /none\.log does not exist/],
    ['a folder', () => harbour.dir, /is a folder/],
  ])('%s', async (_, path, message) => {
    await expect(ship({ ...harbour.options, files: [path()] })).rejects.toThrow(message);
  });

  it('a topic that is not there', async () => {
    const target = { ...harbour.options.target, topic: 'lgos' };
    const files = [await file('a.log', 'a\n')];
    await expect(ship({ ...harbour.options, files, target })).rejects.toThrow(
      /topic "lgos" does not exist in project "demo"/,
    );
  });

  it('an endpoint at which nobody listens', async () => {
    const target = { ...harbour.options.target, endpoint: '127.0.0.1:1' };
    const files = [await file('a.log', 'a\n')];
    await expect(ship({ ...harbour.options, files, target })).rejects.toThrow(
      /nothing listens at 127\.0\.0\.1:1 \(ECONNREFUSED\)\. .*npm start/,
    );
  });
});

it('stops reading when told to, ships what it has read, and says how much that was', async () => {
  const abort = new AbortController();
  const stdin = new PassThrough();
  const shipped = ship({ ...harbour.options, files: ['-'], stdin, signal: abort.signal });
  stdin.write(`${lines(1500).join('\n')}\n`);
  const first = await harbour.arrived(1);
  abort.abort();
  const counts = await shipped;
  expect(counts.lines).toBe(1500);
  expect(recordsOf([...first, ...(await harbour.all())])).toHaveLength(1500);
});

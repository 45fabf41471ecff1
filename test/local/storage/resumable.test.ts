import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatCrc32c } from '../../../local/storage/crc32c.ts';
import { type StorageService, startStorage } from '../../../local/storage/service.ts';

let dataDir: string;
let service: StorageService;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'storage-'));
  service = await startStorage({ port: 0, dataDir });
  await fetch(`${origin()}/storage/v1/b`, { method: 'POST', body: '{"name":"archive"}' });
});
afterEach(async () => {
  await service.close();
  await rm(dataDir, { recursive: true });
});

const origin = (): string => `http://127.0.0.1:${service.port}`;

async function begin(headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${origin()}/upload/storage/v1/b/archive/o?uploadType=resumable&name=big`, {
    method: 'POST',
    headers: { 'x-upload-content-type': 'text/plain', ...headers },
  });
  expect(answer.status).toBe(200);
  return answer.headers.get('location')!;
}

async function put(
  url: string,
  range: string | undefined,
  body: Buffer,
  headers: Record<string, string> = {},
) {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { ...(range ? { 'content-range': range } : {}), ...headers },
    body: new Uint8Array(body),
  });
  return { status: answer.status, range: answer.headers.get('range'), body: await answer.text() };
}

const content = async (): Promise<Buffer> =>
  Buffer.from(await (await fetch(`${origin()}/storage/v1/b/archive/o/big?alt=media`)).arrayBuffer());

const NOTHING = Buffer.alloc(0);

describe('a resumable upload', () => {
  it('comes in chunks, tells how far it is, and is there after the last', async () => {
    const url = await begin();
    const all = randomBytes(700_000);
    expect(await put(url, 'bytes */*', NOTHING)).toMatchObject({ status: 308, range: null });
    const first = await put(url, 'bytes 0-262143/*', all.subarray(0, 262_144));
    expect(first).toMatchObject({ status: 308, range: 'bytes=0-262143' });
    expect(await put(url, 'bytes */700000', NOTHING)).toMatchObject({ status: 308, range: 'bytes=0-262143' });
    expect((await fetch(`${origin()}/storage/v1/b/archive/o/big`)).status).toBe(404);
    const last = await put(url, 'bytes 262144-699999/700000', all.subarray(262_144));
    expect(JSON.parse(last.body)).toMatchObject({ name: 'big', size: '700000', contentType: 'text/plain' });
    expect((await content()).equals(all)).toBe(true);
    expect(await put(url, 'bytes */700000', NOTHING)).toMatchObject({ status: 200 });
  });

  it('takes bytes sent twice once, and asks for those it missed', async () => {
    const url = await begin();
    const all = randomBytes(300_000);
    await put(url, 'bytes 0-99999/300000', all.subarray(0, 100_000));
    expect(await put(url, 'bytes 200000-299999/300000', all.subarray(200_000))).toMatchObject({
      status: 308,
      range: 'bytes=0-99999',
    });
    expect((await put(url, 'bytes 50000-299999/300000', all.subarray(50_000))).status).toBe(200);
    expect((await content()).equals(all)).toBe(true);
  });

  it('keeps what came over a line that broke', async () => {
    const url = await begin();
    const all = randomBytes(1_000_000);
    await new Promise<void>((resolve) => {
      const request = httpRequest(url, {
        method: 'PUT',
        headers: { 'content-range': 'bytes 0-999999/1000000', 'content-length': 1_000_000 },
      });
      request.on('error', () => resolve());
      request.write(all.subarray(0, 600_000), () => request.destroy());
    });
    const { range } = await put(url, 'bytes */1000000', NOTHING);
    const received = Number(/(\d+)$/.exec(range ?? '')?.[1] ?? -1) + 1;
    expect(received).toBeLessThanOrEqual(600_000);
    expect((await put(url, `bytes ${received}-999999/1000000`, all.subarray(received))).status).toBe(200);
    expect((await content()).equals(all)).toBe(true);
  });

  it('goes on after the service was started again', async () => {
    let url = await begin();
    const all = randomBytes(600_000);
    await put(url, 'bytes 0-262143/*', all.subarray(0, 262_144));
    const { port } = service;
    await service.close();
    service = await startStorage({ port: 0, dataDir });
    // Another port, so that no connection to the old one is tried.
    url = url.replace(`:${port}/`, `:${service.port}/`);
    expect(await put(url, 'bytes */*', NOTHING)).toMatchObject({ status: 308, range: 'bytes=0-262143' });
    expect((await put(url, 'bytes 262144-599999/600000', all.subarray(262_144))).status).toBe(200);
    expect((await content()).equals(all)).toBe(true);
  });

  it('of nothing makes an empty object', async () => {
    expect((await put(await begin(), 'bytes */0', NOTHING)).status).toBe(200);
    expect(await content()).toHaveLength(0);
    expect((await put(await begin(), undefined, NOTHING)).status).toBe(200);
  });

  it('whose last chunk brings another hash is refused', async () => {
    const url = await begin();
    const wrong = { 'x-goog-hash': `crc32c=${formatCrc32c(1)}` };
    const answer = await put(url, 'bytes 0-4/5', Buffer.from('hello'), wrong);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('CRC32C');
    expect((await fetch(`${origin()}/storage/v1/b/archive/o/big`)).status).toBe(404);
  });

  it('can be given up', async () => {
    const url = await begin();
    await put(url, 'bytes 0-4/*', Buffer.from('hello'));
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(499);
    expect((await put(url, 'bytes */*', NOTHING)).status).toBe(404);
  });

  it.each(['bytes 5-/10', 'items 0-1/2', 'bytes 0-1'])('with the range "%s" is refused', async (range) => {
    expect((await put(await begin(), range, Buffer.from('hello'))).status).toBe(400);
  });
});

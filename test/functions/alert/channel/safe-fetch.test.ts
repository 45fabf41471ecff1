/** Where a webhook may lead: to the public internet, and nowhere else. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublic } from '../../../../functions/alert/channel/address.ts';
import { ForbiddenAddress, safeFetch } from '../../../../functions/alert/channel/safe-fetch.ts';

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'not an address',
    '',
  ])('%s is not public', (address) => expect(isPublic(address)).toBe(false));

  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '172.15.255.255',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001::200e',
  ])('%s is public', (address) => expect(isPublic(address)).toBe(true));
});

describe('a call', () => {
  let server: Server;
  let port: number;
  const seen: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host}`);
      if (request.url === '/redirect') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      else if (request.url === '/endless') {
        const more = (): boolean => response.write('x'.repeat(16_384)) && !response.destroyed;
        const go = (): void => {
          while (more());
          if (!response.destroyed) response.once('drain', go);
        };
        go();
      } else if (request.url !== '/silent') response.end('fine');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const get = { method: 'GET', headers: {} } as const;
  const open = (hosts: readonly string[] = [], resolve?: (name: string) => Promise<string[]>) =>
    safeFetch({ allowedHosts: hosts, timeoutMs: 500, ...(resolve === undefined ? {} : { resolve }) });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://169.254.169.254/computeMetadata/v1/',
    'https://localhost/',
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'https://user:password@example.com/',
    'gopher://127.0.0.1/',
    'nonsense',
  ])('to %s is refused without a connection', async (url) => {
    const resolve = async (name: string) => [name === 'localhost' ? '127.0.0.1' : name];
    await expect(open([], resolve)(url, get)).rejects.toThrow(ForbiddenAddress);
  });

  it('to a name is refused when one of its addresses is private', async () => {
    const call = open([], async () => ['93.184.216.34', '10.0.0.1']);
    await expect(call('https://evil.example/', get)).rejects.toThrow('has an address that is not public');
  });

  it('goes to the address that was checked, whatever the name says a moment later', async () => {
    let asked = 0;
    const call = open([`name.example:${port}`], async () => [asked++ === 0 ? '127.0.0.1' : '127.0.0.2']);
    const answer = await call(`http://name.example:${port}/pinned`, get);
    expect([answer.status, answer.body, asked]).toEqual([200, 'fine', 1]);
    expect(seen).toContain(`GET /pinned name.example:${port}`);
  });

  it('does not follow a redirect', async () => {
    const answer = await open([`127.0.0.1:${port}`])(`http://127.0.0.1:${port}/redirect`, get);
    expect(answer.status).toBe(302);
  });

  it('reads no more than 64 KiB of an answer, and waits no longer than it may', async () => {
    const call = open([`127.0.0.1:${port}`]);
    const { body } = await call(`http://127.0.0.1:${port}/endless`, get);
    expect(body.length).toBeLessThan(150_000);
    await expect(call(`http://127.0.0.1:${port}/silent`, get)).rejects.toThrow();
  });

  it('is allowed to a private host by its name and port alone', async () => {
    await expect(open([`127.0.0.1:${port + 1}`])(`http://127.0.0.1:${port}/`, get)).rejects.toThrow(
      ForbiddenAddress,
    );
  });
});

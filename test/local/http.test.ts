import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ApiError,
  type HttpService,
  parseJsonObject,
  type Route,
  readBody,
  serveHttp,
} from '../../local/http.ts';

let service: HttpService;
let finish: (answer: object) => void = () => {};
let waiting: Promise<void>;

beforeEach(async () => {
  let arrived: () => void = () => {};
  waiting = new Promise((resolve) => {
    arrived = resolve;
  });
  const routes: Route[] = [
    { method: 'GET', path: /^\/things\/(?<id>[^/]+)$/, handle: ({ params }) => ({ id: params.id }) },
    {
      method: 'POST',
      path: /^\/json$/,
      handle: async ({ request }) => parseJsonObject(await readBody(request, 1_000)),
    },
    {
      method: 'GET',
      path: /^\/slow$/,
      handle: () => {
        arrived();
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    },
    {
      method: 'GET',
      path: /^\/refused$/,
      handle: () => {
        throw new ApiError(412, 'no', {
          reason: 'conditionNotMet',
          location: { type: 'header', name: 'If-Match' },
        });
      },
    },
    {
      method: 'GET',
      path: /^\/bug$/,
      handle: () => {
        throw new TypeError('a secret in a message');
      },
    },
  ];
  service = await serveHttp({ port: 0, stage: 'test', routes });
});
afterEach(() => service.close());

const get = async (path: string, init: RequestInit = {}) => {
  const answer = await fetch(`http://127.0.0.1:${service.port}${path}`, init);
  return { status: answer.status, body: (await answer.json()) as unknown };
};
const post = (body: string) => get('/json', { method: 'POST', body });

describe('the HTTP edge', () => {
  it('hands the parts of a path over decoded', async () => {
    expect((await get('/things/a%2Fb%20%C3%A9')).body).toEqual({ id: 'a/b é' });
  });

  it("answers in Google's shape for what is refused", async () => {
    expect(await get('/refused')).toEqual({
      status: 412,
      body: {
        error: {
          code: 412,
          message: 'no',
          errors: [
            {
              message: 'no',
              domain: 'global',
              reason: 'conditionNotMet',
              locationType: 'header',
              location: 'If-Match',
            },
          ],
        },
      },
    });
    expect((await get('/nowhere')).status).toBe(404);
    expect((await get('/things/%E0%A4%A')).status).toBe(400);
  });

  it('takes JSON objects and nothing else, up to its limit', async () => {
    expect(await post('{"a":1}')).toEqual({ status: 200, body: { a: 1 } });
    expect(await post('')).toEqual({ status: 200, body: {} });
    for (const bad of ['[]', '1', 'null', '{', '{"a":1} x']) expect((await post(bad)).status).toBe(400);
    expect((await post(`{"a":"${'x'.repeat(2_000)}"}`)).status).toBe(413);
  });

  it('keeps a fault of its own to its log', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { status, body } = await get('/bug');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(JSON.parse(log.mock.calls[0]![0] as string)).toMatchObject({ severity: 'ERROR', stage: 'test' });
    log.mockRestore();
  });

  it('refuses a request target that is no path', async () => {
    const socket = connect(service.port, '127.0.0.1');
    socket.write('GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
    socket.destroy();
  });

  it('lets the answer in hand finish before it closes, twice if asked', async () => {
    const answer = get('/slow');
    await waiting;
    const closed = Promise.all([service.close(), service.close()]);
    finish({ done: true });
    expect(await answer).toEqual({ status: 200, body: { done: true } });
    await closed;
    await expect(fetch(`http://127.0.0.1:${service.port}/things/a`)).rejects.toThrow();
  });

  it('says so when its port is taken', async () => {
    await expect(serveHttp({ port: service.port, stage: 'test', routes: [] })).rejects.toThrow('EADDRINUSE');
  });
});

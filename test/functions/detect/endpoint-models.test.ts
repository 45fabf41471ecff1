import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBreaker } from '../../../functions/detect/breaker.ts';
import { chunksOf, endpointModels } from '../../../functions/detect/endpoint-models.ts';
import type { ModelClient } from '../../../functions/detect/model-client.ts';

type Behaviour = (response: ServerResponse, body: { instances: unknown[] }) => void;

const GOOD = { failure: 0.1, failing: false, anomaly: 0.4, anomalous: false, reasons: [] };
const INSTANCE = { service: 'auth', windows: [[1, 2, 3]] };

let server: Server;
let behave: Behaviour;
let requests: { url: string; authorization: string | undefined; bytes: number }[];
let nowMs: number;
let client: ModelClient;

const json =
  (body: unknown, status = 200): Behaviour =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const answering: Behaviour = (response, { instances }) =>
  json({ predictions: instances.map(() => GOOD), modelVersionId: 'v1' })(response, { instances });

beforeEach(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  requests = [];
  nowMs = 0;
  behave = answering;
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    requests.push({
      url: request.url ?? '',
      authorization: request.headers.authorization,
      bytes: body.length,
    });
    behave(response, JSON.parse(body.toString()) as { instances: unknown[] });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = open();
});

afterEach(() => {
  vi.restoreAllMocks();
  server.closeAllConnections();
  server.close();
});

const open = (deadlineMs = 5000): ModelClient =>
  endpointModels({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/projects/p/locations/l/endpoints/e:predict`,
    authorization: async () => 'Bearer token',
    deadlineMs,
    clock: () => nowMs,
  });

const ask = async (count = 1) => client.windows(new Array(count).fill(INSTANCE));

describe('the client of the models', () => {
  it('has an answer for each service, of one request with a token', async () => {
    expect(await ask(3)).toEqual({ version: 'v1', answers: [GOOD, GOOD, GOOD] });
    expect(requests).toMatchObject([
      { url: expect.stringMatching(/:predict$/), authorization: 'Bearer token' },
    ]);
  });

  it('splits what is over the limit of a request, and keeps the order', async () => {
    const windows = Array.from({ length: 20 }, () => Array.from({ length: 16 }, () => -1.23456));
    const many = Array.from({ length: 1200 }, (_, i) => ({ service: `s${i}`, windows }));
    behave = (response, { instances }) =>
      json({
        predictions: instances.map((one) => ({ ...GOOD, reasons: [(one as { service: string }).service] })),
      })(response, { instances });
    const { answers } = await client.windows(many);
    expect(answers.map((answer) => answer?.reasons[0])).toEqual(many.map(({ service }) => service));
    expect(requests.length).toBeGreaterThan(2);
    for (const { bytes } of requests) expect(bytes).toBeLessThan(1_500_000);
  });

  it.each([
    ['answers 500', json({ error: 'down' }, 500)],
    ['answers 400', json({ error: 'bad' }, 400)],
    ['answers no JSON', (response: ServerResponse) => response.end('<html>')],
    ['answers another shape', json({ predictions: [{ score: 1 }] })],
    ['answers too few predictions', json({ predictions: [] })],
    ['answers no predictions', json(['x'])],
    ['answers numbers that are none', json({ predictions: [{ ...GOOD, failure: 'NaN' }] })],
    ['answers a probability of 7', json({ predictions: [{ ...GOOD, failure: 7 }] })],
    ['breaks the connection', (response: ServerResponse) => response.destroy()],
    [
      'breaks off in the middle',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"predictions":[');
        setImmediate(() => response.destroy());
      },
    ],
  ] as [string, Behaviour][])('has no answer, and no error, when the endpoint %s', async (_, behaviour) => {
    behave = behaviour;
    expect(await ask()).toEqual({ version: null, answers: [null] });
  });

  it('cuts off an answer without an end', async () => {
    behave = (response) => {
      const more = (): void => {
        if (!response.destroyed) response.write(' '.repeat(65_536), () => more());
      };
      more();
    };
    expect((await ask()).answers).toEqual([null]);
  });

  it('gives up at the deadline when the endpoint hangs, before an answer or within it', async () => {
    client = open(100);
    behave = () => {};
    const startMs = performance.now();
    expect((await ask()).answers).toEqual([null]);
    behave = (response) => response.writeHead(200).write('{');
    expect((await ask()).answers).toEqual([null]);
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  it('gives up at the deadline when no token comes', async () => {
    client = endpointModels({
      ...{ url: 'http://127.0.0.1:1/', deadlineMs: 50, clock: () => nowMs },
      authorization: () => new Promise(() => {}),
    });
    expect((await ask()).answers).toEqual([null]);
  });

  it('has no answer when nobody listens', async () => {
    server.close();
    expect((await ask()).answers).toEqual([null]);
  });

  it('asks no more after three failures, tries once after a while, and goes on when that is answered', async () => {
    behave = json({}, 503);
    for (let i = 0; i < 5; i++) await ask();
    expect(requests).toHaveLength(3);
    nowMs = 30_000;
    await Promise.all([ask(), ask()]);
    expect(requests).toHaveLength(4);
    behave = answering;
    nowMs = 60_000;
    expect((await ask()).answers).toEqual([GOOD]);
    expect((await ask()).answers).toEqual([GOOD]);
  });

  it('keeps the answers of the chunks that were answered', async () => {
    behave = (response, body) =>
      (body.instances[0] as { service: string }).service === 's0'
        ? answering(response, body)
        : json({}, 500)(response, body);
    const many = Array.from({ length: 600 }, (_, i) => ({ service: `s${i}`, windows: [[1]] }));
    const { answers } = await client.windows(many);
    expect([answers[0], answers[511], answers[512]]).toEqual([GOOD, GOOD, null]);
  });

  it('never logs what was answered', async () => {
    behave = json({ predictions: [{ failure: 'secret-answer' }] });
    await ask();
    const written = vi.mocked(process.stdout.write).mock.calls.map(([text]) => String(text));
    expect(written.join('')).toContain('rules and baselines decide');
    expect(written.join('')).not.toContain('secret-answer');
  });
});

it('chunks hold at least one instance, also one that is too large', () => {
  const chunks = [...chunksOf(['a', 'x'.repeat(2_000_000), 'b'])];
  expect(chunks.map(({ first, texts }) => [first, texts.length])).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
  ]);
});

it('a breaker opens after failures in a row alone', () => {
  const breaker = createBreaker({ failures: 2, pauseMs: 10 });
  breaker.failed(0);
  breaker.succeeded();
  breaker.failed(0);
  expect(breaker.state).toBe('closed');
  breaker.failed(0);
  expect([breaker.state, breaker.allows(9), breaker.allows(10), breaker.allows(11)]).toEqual([
    ...['open', false, true, false],
  ]);
});

/**
 * The API's call of drift as Cloud Run sees it: an HTTP receiver that lets in who has a token for its address, signed by
 * Google, and a metadata server that makes such tokens, as the one in Cloud Run does.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { modelKeeper } from '../../../functions/api/model-keeper.ts';

const DRIFT = 'https://logweir-drift-abc-ew.a.run.app';
const CALLER = 'logweir-api@my-project.iam.gserviceaccount.com';
const ANSWERS: Readonly<Record<string, object>> = {
  promote: { promoted: 1, phase: 'idle' },
  roll_back: { rolled_back: 0, phase: 'canary' },
  state: {
    ...{ phase: 'idle', since_ms: 0, candidate: null, last_training_ms: null },
    ...{ can_promote: false, can_roll_back: false, endpoint: [] },
  },
};

const servers: Server[] = [];
const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

let home: string;
let cloudRun: string;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
/** Audiences that tokens were made for. */
let asked: (string | null)[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keeper-'));
  keys = await generateKeyPair('RS256');
  const metadata = await serve(async (request, response) => {
    const url = new URL(request.url!, 'http://metadata');
    response.setHeader('metadata-flavor', 'Google');
    if (!url.pathname.endsWith('/default/identity')) return void response.writeHead(404).end();
    const audience = url.searchParams.get('audience');
    asked.push(audience);
    const token = new SignJWT({ email: CALLER, ...(audience === null ? {} : { aud: audience }) });
    const signed = token.setProtectedHeader({ alg: 'RS256' }).setIssuer('https://accounts.google.com');
    response.end(await signed.setIssuedAt().setExpirationTime('1h').sign(keys.privateKey));
  });
  cloudRun = `http://${await serve(async (request, response) => {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const known = await jwtVerify(token, keys.publicKey, {
      audience: DRIFT,
      issuer: 'https://accounts.google.com',
    }).catch(() => null);
    if (known === null) return void response.writeHead(401).end('The request was not authenticated.');
    if (known.payload.email !== CALLER) return void response.writeHead(403).end();
    const { do: what } = (await json(request)) as { do: string };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(ANSWERS[what]));
  })}`;
  vi.stubEnv('GCE_METADATA_HOST', metadata);
  vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present');
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
  vi.stubEnv('HOME', home);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const server of servers) server.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
});

/** What is sent to the address goes to the receiver. */
const toCloudRun = (url: string, init: RequestInit): Promise<Response> => {
  expect([DRIFT, 'https://other.a.run.app']).toContain(url);
  return fetch(cloudRun, init);
};

describe('the function that keeps the models', () => {
  it('lets the API in by a token for its address, which is asked for once', async () => {
    const keeper = modelKeeper({ url: DRIFT, project: 'my-project', call: toCloudRun });
    expect(await keeper.promote()).toEqual({ done: true, phase: 'idle' });
    expect(await keeper.rollBack()).toEqual({ done: false, phase: 'canary' });
    expect(await keeper.state()).toMatchObject({ phase: 'idle', endpoint: [] });
    expect(asked).toEqual([DRIFT]);
  });

  it('refuses a token for another address, and the page is told to try again', async () => {
    const keeper = modelKeeper({ url: 'https://other.a.run.app', project: 'my-project', call: toCloudRun });
    await expect(keeper.promote()).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toEqual(['https://other.a.run.app']);
  });

  it('is called without a token on a laptop', async () => {
    let header: string | undefined = 'none yet';
    const laptop = await serve((request, response) => {
      header = request.headers.authorization;
      response.end(JSON.stringify(ANSWERS.promote));
    });
    expect(await modelKeeper({ url: `http://${laptop}`, project: 'my-project' }).promote()).toEqual({
      done: true,
      phase: 'idle',
    });
    expect([header, asked]).toEqual([undefined, []]);
  });
});

import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { createGate, type Gate } from '../../../functions/api/auth/gate.ts';
import { sees, servicePattern } from '../../../functions/api/auth/principal.ts';
import { signToken, verifyToken } from '../../../functions/api/auth/token.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const KEY = 'the key of this deployment, 32 or more';
const claims = { name: 'ann', role: 'operator', tenant: null, expiresAtMs: NOW_MS + 60_000 } as const;

let google: Awaited<ReturnType<typeof generateKeyPair>>;
let iap: Awaited<ReturnType<typeof generateKeyPair>>;
let gate: Gate;

beforeAll(async () => {
  google = await generateKeyPair('RS256');
  iap = await generateKeyPair('ES256');
  const sets = {
    google: createLocalJWKSet({ keys: [{ ...(await exportJWK(google.publicKey)), kid: 'g', alg: 'RS256' }] }),
    iap: createLocalJWKSet({ keys: [{ ...(await exportJWK(iap.publicKey)), kid: 'i', alg: 'ES256' }] }),
  };
  gate = createGate({
    apiKey: KEY,
    audiences: { google: 'logweir.example.com', iap: '/projects/1/apps/logweir' },
    googleKeys: (kind) => sets[kind],
    members: {
      'ann@example.com': { role: 'admin', tenant: null },
      'example.com': { role: 'viewer', tenant: null },
      'bob@shop.com': { role: 'analyst', tenant: 'shop' },
    },
    tenantServices: { shop: ['shop-*'] },
    clock: () => NOW_MS,
  });
});

const seconds = (ms: number): number => Math.floor(ms / 1000);
const asks = (token: string) => gate(new Headers({ authorization: `Bearer ${token}` }));
const refused = async (token: string) =>
  asks(token).then(
    () => 'let in',
    ({ code }) => code,
  );

const ours = (payload: Record<string, unknown>, { alg = 'HS256', key = KEY } = {}) =>
  new SignJWT({
    sub: 'ann',
    role: 'admin',
    iss: 'logweir',
    aud: 'logweir-api',
    exp: seconds(NOW_MS) + 60,
    ...payload,
  })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(key));

const googles = (payload: Record<string, unknown>) =>
  new SignJWT({
    ...{ iss: 'https://accounts.google.com', aud: 'logweir.example.com', exp: seconds(NOW_MS) + 60 },
    ...{ email: 'ann@example.com', email_verified: true, ...payload },
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'g' })
    .sign(google.privateKey);

describe('tokens of our own', () => {
  it('say who asks, in which role, for which tenant', async () => {
    const token = await signToken({ ...claims, tenant: 'shop' }, KEY, NOW_MS);
    expect(await asks(token)).toEqual({ ...claims, tenant: 'shop', by: 'token', services: ['shop-*'] });
  });

  it('are good with a new key before the old one, and not without the old one', async () => {
    const token = await signToken(claims, KEY, NOW_MS);
    const other = 'another key of the deployment, also long';
    expect(await verifyToken(token, `${other},${KEY}`, NOW_MS)).toEqual(claims);
    expect(await verifyToken(token, other, NOW_MS)).toBeNull();
  });

  it('last a year at most', async () => {
    await expect(
      signToken({ ...claims, expiresAtMs: NOW_MS + 367 * 86_400_000 }, KEY, NOW_MS),
    ).rejects.toThrow(RangeError);
  });

  it.each([
    ['is over', () => ours({ exp: seconds(NOW_MS) - 1 })],
    ['has no end', () => ours({ exp: undefined })],
    ['is signed by another key', () => ours({}, { key: 'a key that somebody made up, long enough' })],
    ['is of another issuer', () => ours({ iss: 'elsewhere' })],
    ['is for somebody else', () => ours({ aud: 'other' })],
    ['has another algorithm of the same kind', () => ours({}, { alg: 'HS384' })],
    ['has a role that there is not', () => ours({ role: 'root' })],
    ['has no name', () => ours({ sub: '' })],
    ['starts only later', () => ours({ nbf: seconds(NOW_MS) + 30 })],
    [
      'is not signed at all',
      async () =>
        new UnsecuredJWT({
          sub: 'ann',
          role: 'admin',
          iss: 'logweir',
          aud: 'logweir-api',
          exp: 2e9,
        }).encode(),
    ],
    ['is cut', async () => (await ours({})).slice(0, -2)],
    ['has another role written in', async () => forged(await ours({ role: 'viewer' }))],
    ['is no token', async () => 'abc'],
    ['is endless', async () => 'a.b.c'.repeat(10_000)],
  ])('a token that %s is refused', async (_, make) => {
    expect(await refused(await make())).toBe('unauthenticated');
  });
});

function forged(token: string): string {
  const [head, payload, signature] = token.split('.');
  const text = Buffer.from(payload!, 'base64url').toString().replace('viewer', 'admin');
  return [head, Buffer.from(text).toString('base64url'), signature].join('.');
}

describe('tokens that Google signs', () => {
  it('name a member by address before the domain', async () => {
    expect(await asks(await googles({}))).toMatchObject({
      name: 'ann@example.com',
      role: 'admin',
      by: 'google',
    });
    expect(await asks(await googles({ email: 'eve@example.com' }))).toMatchObject({
      role: 'viewer',
      tenant: null,
    });
    expect(await asks(await googles({ email: 'Bob@Shop.com' }))).toMatchObject({
      tenant: 'shop',
      services: ['shop-*'],
    });
  });

  it('of somebody who is no member let nobody in', async () => {
    expect(await refused(await googles({ email: 'eve@elsewhere.com' }))).toBe('forbidden');
    expect(await refused(await googles({ email: 'eve@example.com.elsewhere.com' }))).toBe('forbidden');
  });

  it.each([
    ['another audience', { aud: 'other.example.com' }],
    ['an address that is not verified', { email_verified: false }],
    ['another issuer', { iss: 'https://accounts.elsewhere.com' }],
    ['an end that is over', { exp: seconds(NOW_MS) - 1 }],
    ['no address', { email: undefined }],
  ])('with %s are refused', async (_, payload) => {
    expect(await refused(await googles(payload))).toBe('unauthenticated');
  });

  it('signed by the public key as if it were a secret is refused', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(google.publicKey)));
    const token = await new SignJWT({
      email: 'ann@example.com',
      email_verified: true,
      exp: seconds(NOW_MS) + 60,
    })
      .setProtectedHeader({ alg: 'HS256', kid: 'g' })
      .setIssuer('https://accounts.google.com')
      .setAudience('logweir.example.com')
      .sign(secret);
    expect(await refused(token)).toBe('unauthenticated');
  });

  it('an assertion of the Identity-Aware Proxy does without a Bearer token', async () => {
    const assertion = (aud: string) =>
      new SignJWT({
        email: 'bob@shop.com',
        iss: 'https://cloud.google.com/iap',
        aud,
        exp: seconds(NOW_MS) + 60,
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'i' })
        .sign(iap.privateKey);
    const ask = async (aud: string) =>
      gate(new Headers({ 'x-goog-iap-jwt-assertion': await assertion(aud) }));
    expect(await ask('/projects/1/apps/logweir')).toMatchObject({
      name: 'bob@shop.com',
      by: 'iap',
      role: 'analyst',
    });
    await expect(ask('/projects/2/apps/other')).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('are refused where no audience is set', async () => {
    const closed = createGate({
      ...{
        apiKey: null,
        audiences: { google: null, iap: null },
        members: {},
        tenantServices: {},
        clock: () => NOW_MS,
      },
      googleKeys: () => {
        throw new Error('not to be asked');
      },
    });
    const headers = new Headers({ authorization: `Bearer ${await googles({})}` });
    await expect(closed(headers)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('services that a tenant sees', () => {
  it.each([
    [['shop-*'], 'shop-1', true],
    [['shop-*'], 'my-shop-1', false],
    [['shop-*'], 'shop-\n1', true],
    [['cart'], 'cart', true],
    [['cart'], 'cart2', false],
    [['a.b'], 'axb', false],
    [['a(b', '[x'], 'a(b', true],
    [[], 'anything', false],
    [[], '', false],
  ])('%j, %j: %s', (services, service, seen) => {
    expect(sees({ tenant: 'shop', services }, service)).toBe(seen);
  });

  it('nobody of all tenants is held back', () => {
    expect(servicePattern({ tenant: null, services: [] })).toBeNull();
  });
});

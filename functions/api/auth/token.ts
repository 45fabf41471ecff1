/**
 * Tokens of the API: JWT, HS256 by a key of the deployment, with an end. Made by `logweir token`; nothing else makes
 * them. Another algorithm than HS256, none above all, is refused before the key is looked at.
 */
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { ROLES, type Role } from '../schema/principal.ts';

const ISSUER = 'logweir';
const AUDIENCE = 'logweir-api';
const MAX_DAYS = 366;
export const MAX_TOKEN_MS = MAX_DAYS * 86_400_000;

const text = z.string().min(1).max(256);
const claims = z.object({
  sub: text,
  role: z.enum(ROLES),
  tenant: text.optional(),
  exp: z.number(),
});

export interface TokenClaims {
  readonly name: string;
  readonly role: Role;
  readonly tenant: string | null;
  readonly expiresAtMs: number;
}

const encoder = new TextEncoder();
const keysOf = (keys: string): Uint8Array[] => keys.split(',').map((key) => encoder.encode(key));

/** A token. Throws a RangeError for a time longer than a year. */
export async function signToken(
  { name, role, tenant, expiresAtMs }: TokenClaims,
  keys: string,
  nowMs: number,
): Promise<string> {
  if (!(expiresAtMs > nowMs && expiresAtMs - nowMs <= MAX_TOKEN_MS))
    throw new RangeError(`a token lasts at most ${MAX_DAYS} days`);
  const seconds = (ms: number): number => Math.floor(ms / 1000);
  return new SignJWT({ role, ...(tenant === null ? {} : { tenant }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(name)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(seconds(nowMs))
    .setExpirationTime(seconds(expiresAtMs))
    .sign(keysOf(keys)[0]!);
}

/** What a token says; null: it is not one of ours, or no longer good. */
export async function verifyToken(token: string, keys: string, nowMs: number): Promise<TokenClaims | null> {
  for (const key of keysOf(keys)) {
    const verified = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(nowMs),
    }).catch(() => null);
    if (verified === null) continue;
    const read = claims.safeParse(verified.payload);
    if (!read.success) return null;
    const { sub, role, tenant = null, exp } = read.data;
    return { name: sub, role, tenant, expiresAtMs: exp * 1000 };
  }
  return null;
}

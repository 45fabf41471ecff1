/**
 * Tokens that Google signs: ID tokens of people and service accounts, and assertions of the Identity-Aware Proxy. Their
 * keys are fetched from Google, kept, and fetched again when a token names one that is not known.
 * Sources: https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken,
 * https://cloud.google.com/iap/docs/signed-headers-howto
 */
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';

export interface GoogleIdentity {
  readonly email: string;
  readonly expiresAtMs: number;
}

interface Kind {
  readonly keysUrl: string;
  readonly issuers: readonly string[];
  readonly algorithms: readonly string[];
}

export const KINDS = {
  google: {
    keysUrl: 'https://www.googleapis.com/oauth2/v3/certs',
    issuers: ['https://accounts.google.com', 'accounts.google.com'],
    algorithms: ['RS256'],
  },
  iap: {
    keysUrl: 'https://www.gstatic.com/iap/verify/public_key-jwk',
    issuers: ['https://cloud.google.com/iap'],
    algorithms: ['ES256'],
  },
} as const satisfies Record<string, Kind>;

export type GoogleKind = keyof typeof KINDS;

export const googleKeys = (kind: GoogleKind): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(KINDS[kind].keysUrl));

const claims = z.object({
  email: z.email().max(256),
  /** Only ID tokens have it. */
  email_verified: z.boolean().optional(),
  exp: z.number(),
});

export interface GoogleCheck {
  readonly kind: GoogleKind;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
}

/** Whose token it is; null: not a good one. Rejects when Google's keys cannot be had. */
export async function verifyGoogle(
  token: string,
  { kind, audience, keys }: GoogleCheck,
  nowMs: number,
): Promise<GoogleIdentity | null> {
  const { issuers, algorithms } = KINDS[kind];
  const verified = await jwtVerify(token, keys, {
    algorithms: [...algorithms],
    issuer: [...issuers],
    audience,
    requiredClaims: ['exp', 'email'],
    currentDate: new Date(nowMs),
  }).catch((error: { readonly code?: string }) => {
    if (error.code !== undefined && !UNREACHABLE.has(error.code)) return null;
    throw error;
  });
  const read = claims.safeParse(verified?.payload);
  if (!read.success || (kind === 'google' && read.data.email_verified !== true)) return null;
  return { email: read.data.email.toLowerCase(), expiresAtMs: read.data.exp * 1000 };
}

/** What says nothing of the token. */
const UNREACHABLE = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID']);

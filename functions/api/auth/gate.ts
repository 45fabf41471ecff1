/**
 * The gate: headers of a request → who asks. A token of ours or an ID token of Google as Bearer, or an assertion of the
 * Identity-Aware Proxy. What is not good is refused without saying why; that Google's keys cannot be had is said.
 */
import type { JWTVerifyGetKey } from 'jose';
import { Fault } from '../fault.ts';
import type { Membership } from '../settings.ts';
import { type GoogleIdentity, type GoogleKind, verifyGoogle } from './google.ts';
import type { Principal } from './principal.ts';
import { verifyToken } from './token.ts';

export interface GateOptions {
  /** Keys of our tokens; null: there are no such tokens. */
  readonly apiKey: string | null;
  /** Audiences; null: refused. */
  readonly audiences: Readonly<Record<GoogleKind, string | null>>;
  readonly googleKeys: (kind: GoogleKind) => JWTVerifyGetKey;
  readonly members: Readonly<Record<string, Membership>>;
  readonly tenantServices: Readonly<Record<string, readonly string[]>>;
  readonly clock: () => number;
}

/** Resolves to who asks; rejects with a Fault. */
export type Gate = (headers: Headers) => Promise<Principal>;

const MAX_TOKEN = 8192;
const IAP_HEADER = 'x-goog-iap-jwt-assertion';

export function createGate(options: GateOptions): Gate {
  const { apiKey, audiences, members, clock } = options;
  const keys = new Map<GoogleKind, JWTVerifyGetKey>();
  const servicesOf = (tenant: string | null): readonly string[] =>
    tenant !== null && Object.hasOwn(options.tenantServices, tenant)
      ? (options.tenantServices[tenant] ?? [])
      : [];

  const byGoogle = async (token: string, kind: GoogleKind): Promise<Principal | null> => {
    const audience = audiences[kind];
    if (audience === null) return null;
    const known = keys.get(kind) ?? options.googleKeys(kind);
    keys.set(kind, known);
    const identity = await verifyGoogle(token, { kind, audience, keys: known }, clock()).catch(() => {
      throw new Fault('unavailable', "Google's keys cannot be had; try again");
    });
    if (identity === null) return null;
    const member = memberOf(identity, members);
    if (member === null)
      throw new Fault('forbidden', 'you are nobody here: LOGWEIR_API_MEMBERS does not name you');
    const { email: name, expiresAtMs } = identity;
    return { name, by: kind, ...member, services: servicesOf(member.tenant), expiresAtMs };
  };

  const byToken = async (token: string): Promise<Principal | null> => {
    const claims = apiKey === null ? null : await verifyToken(token, apiKey, clock());
    return claims && { ...claims, by: 'token', services: servicesOf(claims.tenant) };
  };

  return async (headers) => {
    const bearer = bearerOf(headers);
    const assertion = headers.get(IAP_HEADER);
    const found =
      (bearer === null ? null : ((await byToken(bearer)) ?? (await byGoogle(bearer, 'google')))) ??
      (assertion === null || assertion.length > MAX_TOKEN ? null : await byGoogle(assertion, 'iap'));
    if (found !== null) return found;
    throw new Fault('unauthenticated', 'a good token is needed: Authorization: Bearer …', {
      headers: { 'www-authenticate': 'Bearer realm="logweir"' },
    });
  };
}

function bearerOf(headers: Headers): string | null {
  const token = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  return token === undefined || token.length > MAX_TOKEN ? null : token;
}

/** By address, else by domain. */
function memberOf({ email }: GoogleIdentity, members: GateOptions['members']): Membership | null {
  const domain = email.slice(email.lastIndexOf('@') + 1);
  for (const name of [email, domain]) if (Object.hasOwn(members, name)) return members[name] ?? null;
  return null;
}

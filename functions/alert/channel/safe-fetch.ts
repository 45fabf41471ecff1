/**
 * HTTP to addresses that somebody configured: https alone, the name resolved once, every address it has checked, and the
 * connection made to the address that was checked (a name that resolves to another address a moment later changes
 * nothing). Redirects are not followed. Answers are read up to 64 KiB, in 10 s. Hosts that are allowed by name (on a
 * laptop, the catchers) may be private and plain http.
 */
import { lookup as lookupName } from 'node:dns/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPublic } from './address.ts';

export interface SafeFetchOptions {
  /** Hosts, "name" or "name:port", that may be private and plain http. */
  readonly allowedHosts: readonly string[];
  readonly timeoutMs?: number;
  /** All addresses of a name; the system's by default. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
}

export interface SafeRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type SafeFetch = (url: string, request: SafeRequest) => Promise<Answered>;

/** Thrown for an address that may not be called; trying again would not help. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
}

const MAX_BODY = 65_536;
const TIMEOUT_MS = 10_000;

export function safeFetch(options: SafeFetchOptions): SafeFetch {
  const resolve = options.resolve ?? systemAddresses;
  return async (text, { method, headers, body }) => {
    const { url, address } = await checkAddress(text, { ...options, resolve });
    const family = address.includes(':') ? 6 : 4;
    // Newer versions of node ask for all addresses.
    const lookup: LookupFunction = (_, { all }, done) =>
      all ? done(null, [{ address, family }]) : done(null, address, family);
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const call = start(url, { method, headers: { ...headers, ...length }, lookup, signal, agent: false });
    return answered(call, body);
  };
}

/** A URL with the address that it may be called at. Throws ForbiddenAddress; rejects when the name has no address. */
export async function checkAddress(
  text: string,
  { allowedHosts, resolve = systemAddresses }: Pick<SafeFetchOptions, 'allowedHosts' | 'resolve'>,
): Promise<{ readonly url: URL; readonly address: string }> {
  const url = checkedUrl(text);
  const allowed = [url.hostname, url.host].some((host) => allowedHosts.includes(host));
  if (url.protocol !== 'https:' && !allowed)
    throw new ForbiddenAddress(`${url.protocol}// is not allowed; allowed: https://`);
  return { url, address: await pinned(url, allowed, resolve) };
}

function checkedUrl(text: string): URL {
  if (!URL.canParse(text)) throw new ForbiddenAddress('not a URL');
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol))
    throw new ForbiddenAddress(`${url.protocol}// is not allowed; allowed: https://`);
  if (url.username !== '' || url.password !== '')
    throw new ForbiddenAddress('a URL with a user or password is not allowed');
  return url;
}

async function pinned(
  url: URL,
  allowed: boolean,
  resolve: (name: string) => Promise<readonly string[]>,
): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await resolve(host);
  const [first] = addresses;
  if (first === undefined) throw Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND' });
  if (!allowed && !addresses.every(isPublic))
    throw new ForbiddenAddress(`${host} has an address that is not public; allowed hosts are a setting`);
  return first;
}

const systemAddresses = async (name: string): Promise<readonly string[]> =>
  (await lookupName(name, { all: true, verbatim: true })).map(({ address }) => address);

function answered(call: ClientRequest, body: string | undefined): Promise<Answered> {
  return new Promise((resolve, reject) => {
    call.once('error', reject);
    call.once('response', (response) => {
      read(response).then(resolve, reject);
    });
    call.end(body);
  });
}

async function read(response: IncomingMessage): Promise<Answered> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY) break;
    chunks.push(chunk);
  }
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

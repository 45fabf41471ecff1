/** Headers that keep a browser from doing with an answer what it should not. */

/** The page and the documentation load scripts, styles and pictures of their own alone, and talk to this origin alone. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What is no page loads nothing. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'strict-transport-security': 'max-age=31536000',
};

/** Puts the headers on an answer; what it says itself stays. */
export function secure(headers: Headers): void {
  for (const [name, value] of Object.entries(ALWAYS)) if (!headers.has(name)) headers.set(name, value);
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', DATA_POLICY);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
}

const METHODS = 'GET, POST, DELETE';
const ALLOWED = 'authorization, content-type';

/** Lets pages of the origins that a setting names call the API; no other, and never with cookies. */
export function allowOrigin(headers: Headers, origin: string | null, origins: readonly string[]): void {
  headers.append('vary', 'origin');
  if (origin === null || !origins.includes(origin)) return;
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-allow-methods', METHODS);
  headers.set('access-control-allow-headers', ALLOWED);
  headers.set('access-control-expose-headers', 'retry-after, x-request-id, content-disposition');
  headers.set('access-control-max-age', '600');
  headers.set('cross-origin-resource-policy', 'cross-origin');
}

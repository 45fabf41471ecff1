/**
 * The page's files: made when the function is bundled (assets.ts), read once, kept in memory, compressed once. Paths of the
 * page's views get its index; files with a digest in their name may be kept for good.
 */
import { gzipSync } from 'node:zlib';
import type { OpenRoute } from './app.ts';
import type { Assets, PageFile } from './assets.ts';
import { PAGE_POLICY } from './headers.ts';

const VIEWS = [
  '/',
  '/services',
  '/services/:name',
  '/explore',
  '/sql',
  '/models',
  '/pipeline',
  '/experiments',
  '/alerts',
  '/alerts/:id',
];
const INDEX = '/index.html';

const PLACEHOLDER: PageFile = {
  body: '<!doctype html><html lang="en"><meta charset="utf-8"><title>Logweir</title><p>The page is not part of this deployment; the API is: <a href="/docs">/docs</a></p></html>',
  base64: false,
  type: 'text/html; charset=utf-8',
  etag: '"placeholder"',
  immutable: false,
};

export function pageRoutes(assets: Assets): OpenRoute[] {
  const files = new Map(Object.entries(assets.page));
  const index = files.get(INDEX) ?? PLACEHOLDER;
  const served = new Map([...files].map(([path, file]) => [path, servedOf(file)]));
  const indexFile = served.get(INDEX) ?? servedOf(index);
  const views = VIEWS.map((path) => ({ path, file: indexFile }));
  const docs = served.get('/docs/index.html');
  if (docs !== undefined) views.push({ path: '/docs', file: docs });
  return [...views, ...[...served].map(([path, file]) => ({ path, file }))].map(({ path, file }) => ({
    method: 'GET',
    path,
    handle: async (request) => answer(request, file),
  }));
}

interface Served extends Omit<PageFile, 'body'> {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

function servedOf({ body, base64, ...rest }: PageFile): Served {
  const plain = Uint8Array.from(Buffer.from(body, base64 ? 'base64' : 'utf8'));
  return { ...rest, base64, plain, gzip: Uint8Array.from(gzipSync(plain, { level: 9 })) };
}

function answer(request: Request, { plain, gzip, type, etag, immutable }: Served): Response {
  const headers = new Headers({
    'content-type': type,
    etag,
    vary: 'accept-encoding',
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': PAGE_POLICY,
  });
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const packed = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '') && gzip.length < plain.length;
  if (packed) headers.set('content-encoding', 'gzip');
  return new Response(packed ? gzip : plain, { headers });
}

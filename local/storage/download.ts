/**
 * Sends the bytes of an object: whole or a range, as they are stored, or unpacked for a client that does not take
 * gzip. Streams; a slow reader slows the reading from disk.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/get and …/docs/transcoding
 */
import { closeSync, createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ApiError, type Call } from '../http.ts';
import type { ObjectRecord } from './resource.ts';
import type { ObjectStore } from './store.ts';

interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Answers `call` with the object's content. */
export async function download(store: ObjectStore, record: ObjectRecord, call: Call): Promise<void> {
  const { request, response } = call;
  const headers = headersOf(record);
  const gzipped = record.settings.contentEncoding === 'gzip';
  const unpack = gzipped && !takesGzip(request.headers['accept-encoding']) && !isNoTransform(record);
  const range = unpack ? undefined : parseRange(request.headers.range, record.bytes);
  const fd = store.open(record);
  if (unpack) {
    delete headers['content-encoding'];
    response.writeHead(200, { ...headers, warning: '214 UploadServer gunzipped' });
    await pipeline(createReadStream('', { fd }), createGunzip(), response);
    return;
  }
  const { first, last } = range ?? { first: 0, last: record.bytes - 1 };
  headers['content-length'] = String(last - first + 1);
  if (range) headers['content-range'] = `bytes ${first}-${last}/${record.bytes}`;
  response.writeHead(range ? 206 : 200, headers);
  if (last < first) {
    closeSync(fd);
    response.end();
    return;
  }
  await pipeline(createReadStream('', { fd, start: first, end: last, highWaterMark: 256 << 10 }), response);
}

/** A single range as given, undefined for all; throws 416 when nothing of it is there. */
function parseRange(header: string | undefined, bytes: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const range =
    first === ''
      ? { first: Math.max(0, bytes - Number(last)), last: bytes - 1 }
      : { first: Number(first), last: Math.min(bytes - 1, last === '' ? bytes - 1 : Number(last)) };
  if (range.first < bytes && range.first <= range.last) return range;
  throw new ApiError(416, 'Request range not satisfiable', { reason: 'requestedRangeNotSatisfiable' });
}

function headersOf(record: ObjectRecord): Record<string, string> {
  const { settings } = record;
  const md5 = record.md5 === undefined ? '' : `,md5=${record.md5}`;
  const headers: Record<string, string> = {
    'content-type': String(settings.contentType ?? 'application/octet-stream'),
    'accept-ranges': 'bytes',
    etag: `"${record.generation}/${record.metageneration}"`,
    'last-modified': new Date(record.createMs).toUTCString(),
    'x-goog-generation': String(record.generation),
    'x-goog-metageneration': String(record.metageneration),
    'x-goog-hash': `crc32c=${record.crc32c}${md5}`,
    'x-goog-storage-class': record.storageClass,
    'x-goog-stored-content-encoding': String(settings.contentEncoding ?? 'identity'),
    'x-goog-stored-content-length': String(record.bytes),
  };
  const passed = {
    contentEncoding: 'content-encoding',
    contentDisposition: 'content-disposition',
    contentLanguage: 'content-language',
    cacheControl: 'cache-control',
  };
  for (const [field, header] of Object.entries(passed)) {
    if (typeof settings[field] === 'string') headers[header] = settings[field];
  }
  return headers;
}

function takesGzip(acceptEncoding: string | string[] | undefined): boolean {
  return String(acceptEncoding ?? '').includes('gzip');
}

function isNoTransform({ settings }: ObjectRecord): boolean {
  return String(settings.cacheControl ?? '').includes('no-transform');
}

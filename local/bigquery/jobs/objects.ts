/** Objects of Cloud Storage by its JSON API: found by `gs://` URIs with one `*`, read and written as streams. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Warehouse } from '../engine/warehouse.ts';
import { failure, invalid, notFound, unsupported } from '../failure.ts';

export interface ObjectName {
  readonly bucket: string;
  readonly name: string;
}

/** An object that was found by a list; its generation changes with its content. */
export interface FoundObject extends ObjectName {
  readonly generation: string;
}

/** `gs://bucket/name`, taken apart. */
export function parseUri(uri: string): ObjectName {
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
  if (!bucket || !name) throw invalid(`Invalid URI "${uri}": gs://bucket/object is expected.`);
  return { bucket, name };
}

export const uriOf = ({ bucket, name }: ObjectName): string => `gs://${bucket}/${name}`;

/** The objects that a URI names, by name; one without `*` names itself. */
export async function findObjects(warehouse: Warehouse, uri: string): Promise<ObjectName[]> {
  const { bucket, name } = parseUri(uri);
  if (!name.includes('*')) return [{ bucket, name }];
  const found = await listObjects(warehouse, uri);
  if (found.length === 0) throw notFound(`URI ${uri}`);
  return found;
}

/** The objects that are there, of those that a URI names. */
export async function listObjects(warehouse: Warehouse, uri: string): Promise<FoundObject[]> {
  const { bucket, name } = parseUri(uri);
  const [prefix = '', suffix = '', ...more] = name.split('*');
  const whole = !name.includes('*');
  if (more.length > 0) throw invalid(`Invalid URI "${uri}": it may have one "*".`);
  const found: FoundObject[] = [];
  let pageToken: string | undefined;
  do {
    const query = new URLSearchParams({ prefix, ...(pageToken ? { pageToken } : {}) });
    const url = `${endpointOf(warehouse)}/storage/v1/b/${encodeURIComponent(bucket)}/o?${query}`;
    const response = await fetch(url);
    if (!response.ok) throw refused(response.status, uri);
    const page = (await response.json()) as {
      items?: { name: string; generation: string }[];
      nextPageToken?: string;
    };
    for (const item of page.items ?? []) {
      const fits = item.name.length >= prefix.length + suffix.length && item.name.endsWith(suffix);
      const { generation } = item;
      if (fits && (!whole || item.name === name)) found.push({ bucket, name: item.name, generation });
    }
    pageToken = page.nextPageToken;
  } while (pageToken);
  return found;
}

/** The object's bytes. */
export async function readObject(
  warehouse: Warehouse,
  object: ObjectName,
  signal: AbortSignal,
): Promise<Readable> {
  const { bucket, name } = object;
  const url = `${endpointOf(warehouse)}/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}?alt=media`;
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) throw refused(response.status, uriOf(object));
  return Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
}

/** Writes a file as an object. */
export async function writeObject(
  warehouse: Warehouse,
  object: ObjectName,
  {
    path,
    contentType,
    signal,
  }: { readonly path: string; readonly contentType: string; readonly signal: AbortSignal },
): Promise<void> {
  const { bucket, name } = object;
  const target = `/upload/storage/v1/b/${encodeURIComponent(bucket)}/o?uploadType=media&name=${encodeURIComponent(name)}`;
  const call = request(new URL(target, endpointOf(warehouse)), {
    method: 'POST',
    headers: { 'content-type': contentType },
    signal,
  });
  const answered = once(call, 'response') as Promise<[import('node:http').IncomingMessage]>;
  await Promise.all([pipeline(createReadStream(path), call), answered]);
  const [response] = await answered;
  response.resume();
  if (response.statusCode !== 200) throw refused(response.statusCode ?? 0, uriOf(object));
}

function endpointOf({ storageEndpoint }: Warehouse): string {
  if (storageEndpoint !== null) return storageEndpoint.replace(/\/$/, '');
  throw unsupported('gs:// without a storage service (option storageEndpoint)');
}

function refused(status: number, uri: string): Error {
  if (status === 404) return notFound(`URI ${uri}`);
  return failure('backendError', `The storage service answered ${status} for ${uri}.`);
}

/**
 * Which names buckets and objects may have, and where they lie on disk. An object's file is called after the
 * SHA-256 of its name, so that no name, whatever is in it, leads out of its bucket's folder or is too long for a
 * file system.
 * Source: https://cloud.google.com/storage/docs/objects#naming and https://cloud.google.com/storage/docs/buckets#naming
 */
import { createHash } from 'node:crypto';
import { ApiError } from '../http.ts';

const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const MAX_OBJECT_BYTES = 1024;

export function checkBucketName(name: unknown): string {
  if (typeof name === 'string' && BUCKET.test(name) && !name.includes('..')) return name;
  throw new ApiError(400, `Invalid bucket name: '${String(name)}'`, { reason: 'invalid' });
}

export function checkObjectName(name: unknown): string {
  if (typeof name !== 'string' || name === '') throw new ApiError(400, 'Required', { reason: 'required' });
  const bad =
    Buffer.byteLength(name) > MAX_OBJECT_BYTES ||
    Buffer.from(name).toString() !== name ||
    /[\r\n\0]/.test(name) ||
    name === '.' ||
    name === '..' ||
    name.startsWith('.well-known/acme-challenge/');
  if (bad)
    throw new ApiError(400, `Disallowed unicode characters or form in object name '${name}'`, {
      reason: 'invalid',
    });
  return name;
}

/** Folder within the bucket's, and file name without generation, of an object. */
export function placeOf(objectName: string): { readonly folder: string; readonly file: string } {
  const hash = createHash('sha256').update(objectName).digest('hex');
  return { folder: hash.slice(0, 2), file: hash };
}

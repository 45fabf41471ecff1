/** Stores one object by Cloud Storage's JSON API, as a stream: an object of any size needs little memory. */
import { request } from 'node:http';
import { type Duplex, pipeline, type Readable } from 'node:stream';

export interface Upload {
  /** Such as `http://127.0.0.1:9199`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly name: string;
  readonly contentType: string;
  /** A source, and what it goes through. */
  readonly body: readonly [Readable, ...Duplex[]];
  readonly signal: AbortSignal;
}

const SILENCE_MS = 60_000;

/** Resolves once the object is stored; rejects with what went wrong. */
export function upload({ endpoint, bucket, name, contentType, body, signal }: Upload): Promise<void> {
  const path = `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`;
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, endpoint), {
      method: 'POST',
      headers: { 'content-type': contentType },
      timeout: SILENCE_MS,
      signal,
    });
    call.on('timeout', () => call.destroy(new Error(`the storage was silent for ${SILENCE_MS} ms`)));
    call.on('error', reject);
    call.on('response', (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      if (status === 200) {
        response.on('end', resolve);
        return;
      }
      reject(new Error(`the storage answered ${status}`));
      call.destroy();
    });
    pipeline([...body, call], (error) => {
      if (error) reject(error);
    });
  });
}

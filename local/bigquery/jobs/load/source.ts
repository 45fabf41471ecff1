/** What a load job reads: an uploaded file or objects, unpacked where they are gzipped. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Warehouse } from '../../engine/warehouse.ts';
import { invalid } from '../../failure.ts';
import { findObjects, readObject, uriOf } from '../objects.ts';

export interface SourceFile {
  /** Its URI; empty for an upload. */
  readonly uri: string;
  /** Its bytes; `onBytes` hears how many came, before they are unpacked. */
  open(signal: AbortSignal, onBytes: (bytes: number) => void): AsyncIterable<Buffer>;
}

/** The files of an upload or of URIs. */
export async function sourceFiles(
  warehouse: Warehouse,
  uris: readonly string[],
  upload: string | undefined,
): Promise<SourceFile[]> {
  if (upload !== undefined) {
    await stat(upload);
    return [{ uri: '', open: (_, onBytes) => unpacked(createReadStream(upload), onBytes) }];
  }
  if (uris.length === 0) throw invalid('Load configuration must specify at least one source URI');
  const found = await Promise.all(uris.map((uri) => findObjects(warehouse, uri)));
  return found.flat().map((object) => ({
    uri: uriOf(object),
    async *open(signal, onBytes) {
      yield* unpacked(await readObject(warehouse, object, signal), onBytes);
    },
  }));
}

/** The bytes, unpacked where they begin as gzip does. */
async function* unpacked(
  bytes: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const source = counted(bytes, onBytes);
  const first = await source.next();
  if (first.done) return;
  const all = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    yield* source;
  };
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* all();
    return;
  }
  const gunzip = createGunzip();
  pipeline(Readable.from(all()), gunzip, () => undefined);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    throw invalid(`Error while reading data, error message: the gzip stream is broken (${String(error)})`);
  }
}

async function* counted(
  bytes: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    onBytes(chunk.length);
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

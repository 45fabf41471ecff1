import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import avro from 'avsc';

/** One object as it was uploaded. */
export interface Stored {
  readonly bucket: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface StorageTarget {
  readonly url: string;
  readonly uploads: Stored[];
  /** Resolves when so many uploads have arrived. */
  reached(count: number): Promise<void>;
  close(): Promise<void>;
}

type Answer = (response: ServerResponse, index: number) => void;

const ok: Answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}');

/** As much of Cloud Storage's JSON API as an upload needs. */
export async function startStorageTarget(answer: Answer = ok): Promise<StorageTarget> {
  const uploads: Stored[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://127.0.0.1');
    const bucket = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(url.pathname)?.[1];
    if (request.method !== 'POST' || !bucket || url.searchParams.get('uploadType') !== 'media') {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const name = url.searchParams.get('name')!;
    const contentType = request.headers['content-type'] ?? '';
    uploads.push({ bucket, name, contentType, bytes: Buffer.concat(chunks) });
    answer(response, uploads.length - 1);
    server.emit('upload');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uploads,
    reached: async (count) => {
      while (uploads.length < count) await once(server, 'upload');
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Reads an Avro object container file with a reader that knows nothing of its writer. */
export async function readAvro(bytes: Buffer): Promise<{
  readonly schema: unknown;
  readonly codec: string;
  readonly records: Record<string, unknown>[];
}> {
  const decoder = new avro.streams.BlockDecoder();
  let schema: unknown;
  let codec = '';
  decoder.on('metadata', (_type: unknown, foundCodec: string, header: { meta: Record<string, Buffer> }) => {
    codec = foundCodec;
    schema = JSON.parse(header.meta['avro.schema']!.toString());
  });
  decoder.end(bytes);
  const records: Record<string, unknown>[] = [];
  for await (const record of decoder) records.push({ ...(record as object) });
  return { schema, codec, records };
}

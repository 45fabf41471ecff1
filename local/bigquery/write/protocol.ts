/** The Storage Write API's messages, from the protocol description that Google's own client ships. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';

const PACKAGE = 'google.cloud.bigquery.storage.v1';

let root: protobuf.Root | undefined;

/** All types, loaded at the first call. */
export function protocolRoot(): protobuf.Root {
  if (root) return root;
  const require = createRequire(import.meta.url);
  const path = join(dirname(require.resolve('@google-cloud/bigquery-storage')), '../protos/protos.json');
  root = protobuf.Root.fromJSON(JSON.parse(readFileSync(path, 'utf8')));
  return root;
}

/** A method of BigQueryWrite. */
export interface Method {
  readonly name: string;
  readonly path: string;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
  readonly stream: boolean;
}

export function methods(): Method[] {
  const service = `${PACKAGE}.BigQueryWrite`;
  return protocolRoot()
    .lookupService(service)
    .methodsArray.map((method) => {
      method.resolve();
      return {
        name: method.name,
        path: `/${service}/${method.name}`,
        request: method.resolvedRequestType!,
        response: method.resolvedResponseType!,
        stream: method.requestStream === true,
      };
    });
}

export const protocolType = (name: string): protobuf.Type => protocolRoot().lookupType(name);

/** Decodes a message into a plain object: int64 as decimal text, enums by name. */
export const decode = (type: protobuf.Type, bytes: Uint8Array): Record<string, unknown> =>
  type.toObject(type.decode(bytes), { longs: String, enums: String });

/** Encodes a plain object; enums may be names. */
export function encode(type: protobuf.Type, message: object): Buffer {
  const bytes = type.encode(type.fromObject(message)).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

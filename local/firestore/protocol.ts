/**
 * Firestore's v1 messages, taken from the protocol description that Google's own client ships, as plain objects:
 * int64 as decimal strings, enums as numbers, unset fields absent.
 * Source: build/protos/v1.json of @google-cloud/firestore.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';

export interface Timestamp {
  readonly seconds?: string | number;
  readonly nanos?: number;
}

/** One of the fields is set; null is `{ nullValue: 0 }`. */
export interface Value {
  readonly nullValue?: number;
  readonly booleanValue?: boolean;
  readonly integerValue?: string;
  readonly doubleValue?: number;
  readonly timestampValue?: Timestamp;
  readonly stringValue?: string;
  readonly bytesValue?: Uint8Array;
  readonly referenceValue?: string;
  readonly geoPointValue?: { readonly latitude?: number; readonly longitude?: number };
  readonly arrayValue?: { readonly values?: readonly Value[] };
  readonly mapValue?: { readonly fields?: Fields };
}

export type Fields = Readonly<Record<string, Value>>;

export interface Document {
  readonly name: string;
  readonly fields?: Fields;
  readonly createTime?: Timestamp;
  readonly updateTime?: Timestamp;
}

export interface Precondition {
  readonly exists?: boolean;
  readonly updateTime?: Timestamp;
}

export interface FieldTransform {
  readonly fieldPath: string;
  readonly setToServerValue?: number;
  readonly increment?: Value;
  readonly maximum?: Value;
  readonly minimum?: Value;
  readonly appendMissingElements?: { readonly values?: readonly Value[] };
  readonly removeAllFromArray?: { readonly values?: readonly Value[] };
}

export interface Write {
  readonly update?: Document;
  readonly delete?: string;
  readonly transform?: { readonly document: string; readonly fieldTransforms?: readonly FieldTransform[] };
  readonly updateMask?: { readonly fieldPaths?: readonly string[] };
  readonly updateTransforms?: readonly FieldTransform[];
  readonly currentDocument?: Precondition;
}

export interface WriteResult {
  readonly updateTime?: Timestamp;
  readonly transformResults?: readonly Value[];
}

export interface Filter {
  readonly compositeFilter?: { readonly op: number; readonly filters?: readonly Filter[] };
  readonly fieldFilter?: {
    readonly field: { fieldPath: string };
    readonly op: number;
    readonly value: Value;
  };
  readonly unaryFilter?: { readonly op: number; readonly field: { fieldPath: string } };
}

export interface Cursor {
  readonly values?: readonly Value[];
  readonly before?: boolean;
}

export interface StructuredQuery {
  readonly select?: { readonly fields?: readonly { fieldPath: string }[] };
  readonly from?: readonly { collectionId?: string; allDescendants?: boolean }[];
  readonly where?: Filter;
  readonly orderBy?: readonly { field: { fieldPath: string }; direction?: number }[];
  readonly startAt?: Cursor;
  readonly endAt?: Cursor;
  readonly offset?: number;
  readonly limit?: { readonly value?: number };
  readonly findNearest?: unknown;
}

/** One method of the service as its messages describe it. */
export interface Method {
  readonly name: string;
  readonly requestType: protobuf.Type;
  readonly responseType: protobuf.Type;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

const PACKAGE = 'google.firestore.v1';
const root = loadRoot();
const documentType = root.lookupType(`${PACKAGE}.Document`);
const valueType = root.lookupType(`${PACKAGE}.Value`);

/** Name of the gRPC service. */
export const SERVICE = `${PACKAGE}.Firestore`;

/** All methods of the service. */
export function methods(): Method[] {
  const service = root.lookupService(SERVICE);
  return service.methodsArray.map((method) => {
    method.resolve();
    return {
      name: method.name,
      requestType: method.resolvedRequestType!,
      responseType: method.resolvedResponseType!,
      requestStream: method.requestStream ?? false,
      responseStream: method.responseStream ?? false,
    };
  });
}

/** Decodes a message into a plain object. */
export function decode(type: protobuf.Type, bytes: Uint8Array): Record<string, unknown> {
  return type.toObject(type.decode(bytes), { longs: String, json: false });
}

/** Encodes a plain object. */
export function encode(type: protobuf.Type, message: object): Buffer {
  return Buffer.from(type.encode(message).finish());
}

export function decodeDocument(bytes: Uint8Array): Document {
  return decode(documentType, bytes) as unknown as Document;
}

export function encodeDocument(document: Document): Buffer {
  return encode(documentType, document);
}

export function decodeValue(bytes: Uint8Array): Value {
  return decode(valueType, bytes) as Value;
}

/** Microseconds since the epoch as a timestamp message. */
export function timestampOf(us: number): Timestamp {
  const seconds = Math.floor(us / 1e6);
  return { seconds: String(seconds), nanos: (us - seconds * 1e6) * 1000 };
}

/** Microseconds since the epoch; what is finer is cut off, as Firestore does. */
export function microsOf({ seconds = 0, nanos = 0 }: Timestamp): number {
  return Number(seconds) * 1e6 + Math.floor(nanos / 1000);
}

function loadRoot(): protobuf.Root {
  const require = createRequire(import.meta.url);
  const home = dirname(require.resolve('@google-cloud/firestore/package.json'));
  return protobuf.Root.fromJSON(JSON.parse(readFileSync(join(home, 'build/protos/v1.json'), 'utf8')));
}

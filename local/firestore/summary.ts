/**
 * What is kept in memory of a document: its times and its small scalar fields, read from the encoded bytes
 * without decoding the rest. A 20 KB string stays on disk.
 */
import protobuf from 'protobufjs';
import { decodeValue, microsOf, type Value } from './protocol.ts';
import { rankOf } from './value.ts';

export interface Summary {
  readonly createUs: number;
  readonly updateUs: number;
  /** Top-level fields; undefined stands for a value that is there but not kept: large, an array or a map. */
  readonly fields: ReadonlyMap<string, Value | undefined>;
}

/** An encoded value above this is not kept. */
const KEPT_BYTES = 300;
const ARRAY_RANK = 8;
/** Field numbers of google.firestore.v1.Document. */
const FIELDS = 2;
const CREATE_TIME = 3;
const UPDATE_TIME = 4;

/** Whether a value of this size is kept wherever it occurs, so that looking through memory alone finds it. */
export function isSurelyKept({ stringValue, referenceValue }: Value): boolean {
  return Buffer.byteLength(stringValue ?? referenceValue ?? '') <= KEPT_BYTES - 50;
}

/** Summarises an encoded `google.firestore.v1.Document`. */
export function summarise(bytes: Uint8Array): Summary {
  const reader = protobuf.Reader.create(bytes);
  const fields = new Map<string, Value | undefined>();
  let createUs = 0;
  let updateUs = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if (field === FIELDS) readField(reader, bytes, fields);
    else if (field === CREATE_TIME) createUs = readTime(reader, bytes);
    else if (field === UPDATE_TIME) updateUs = readTime(reader, bytes);
    else reader.skipType(tag & 7);
  }
  return { createUs, updateUs, fields };
}

/** One entry of the map: key 1, value 2. */
function readField(reader: protobuf.Reader, bytes: Uint8Array, fields: Map<string, Value | undefined>): void {
  const length = reader.uint32();
  const end = reader.pos + length;
  let key = '';
  let value: Value | undefined;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) key = reader.string();
    else if (tag >>> 3 === 2) {
      const valueBytes = reader.uint32();
      if (valueBytes <= KEPT_BYTES) {
        const decoded = decodeValue(bytes.subarray(reader.pos, reader.pos + valueBytes));
        value = rankOf(decoded) < ARRAY_RANK ? decoded : undefined;
      }
      reader.skip(valueBytes);
    } else reader.skipType(tag & 7);
  }
  fields.set(key, value);
}

function readTime(reader: protobuf.Reader, bytes: Uint8Array): number {
  const length = reader.uint32();
  const time = protobuf.Reader.create(bytes.subarray(reader.pos, reader.pos + length));
  reader.skip(length);
  let seconds = 0;
  let nanos = 0;
  while (time.pos < time.len) {
    const tag = time.uint32();
    if (tag >>> 3 === 1) seconds = Number(time.int64());
    else nanos = time.int32();
  }
  return microsOf({ seconds, nanos });
}

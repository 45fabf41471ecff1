/**
 * `AppendRowsRequest`, read by hand: the rows stay where they are in the message, as pairs of offsets.
 * Source: google/cloud/bigquery/storage/v1/storage.proto
 */
import { LENGTH, VARINT, WireReader } from './wire.ts';

export interface AppendRequest {
  /** The message itself; `starts` and `ends` point into it. */
  readonly bytes: Buffer;
  /** Empty: the stream of the request before. */
  readonly writeStream: string;
  /** Row at which the client says it is; null where it does not. */
  readonly offset: number | null;
  /** `DescriptorProto`, encoded; null: the one of the request before. */
  readonly descriptor: Buffer | null;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** It came as Arrow, which is not read here. */
  readonly arrow: boolean;
}

/** Reads a request; throws a WireError where it is none. */
export function readAppendRequest(bytes: Buffer): AppendRequest {
  const found = {
    bytes,
    writeStream: '',
    offset: null as number | null,
    descriptor: null as Buffer | null,
    starts: [] as number[],
    ends: [] as number[],
    arrow: false,
  };
  const reader = new WireReader(bytes);
  eachField(reader, bytes.length, (field, end) => {
    if (field === 1) found.writeStream = bytes.toString('utf8', reader.at, end);
    else if (field === 2) found.offset = readInt64(reader, end);
    else if (field === 4) readProtoData(reader, end, found);
    else if (field === 5) found.arrow = true;
  });
  return found;
}

function readProtoData(
  reader: WireReader,
  until: number,
  found: { descriptor: Buffer | null; readonly starts: number[]; readonly ends: number[] },
): void {
  eachField(reader, until, (field, end) => {
    if (field === 1) {
      eachField(reader, end, (inner, innerEnd) => {
        if (inner === 1) found.descriptor = reader.bytes.subarray(reader.at, innerEnd);
      });
    } else if (field === 2) {
      eachField(reader, end, (inner, innerEnd) => {
        if (inner !== 1) return;
        found.starts.push(reader.at);
        found.ends.push(innerEnd);
      });
    }
  });
}

/** Calls `take` for each field with a length, up to `until`; passes over the others. */
function eachField(reader: WireReader, until: number, take: (field: number, end: number) => void): void {
  const outer = reader.end;
  reader.end = until;
  while (reader.at < until) {
    const tag = reader.uint32();
    if ((tag & 7) !== LENGTH) {
      reader.skip(tag & 7);
      continue;
    }
    const end = reader.span();
    take(tag >>> 3, end);
    reader.at = end;
  }
  reader.end = outer;
}

/** `google.protobuf.Int64Value`. */
function readInt64(reader: WireReader, until: number): number {
  let value = 0;
  while (reader.at < until) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1 && (tag & 7) === VARINT) {
      reader.varint();
      value = reader.high * 2 ** 32 + (reader.low >>> 0);
    } else reader.skip(tag & 7);
  }
  return value;
}

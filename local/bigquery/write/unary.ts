/** The methods of BigQueryWrite beside AppendRows: write streams are made, shown, ended and committed. */
import { status } from '@grpc/grpc-js';
import type { ColumnSpec } from '../sql/statement.ts';
import type { WriteService } from './connection.ts';
import { invalidArgument, STORAGE_ERROR, WriteFailure } from './failure.ts';
import { DEFAULT_STREAM, parseStream, parseTable, type StreamName, streamPath } from './names.ts';
import type { WriteStream } from './streams.ts';

type Unary = (request: never) => Promise<object>;

export function unaryMethods({ warehouse, streams }: WriteService): Readonly<Record<string, Unary>> {
  const { catalogue } = warehouse;
  const tableOf = (name: string) => {
    const entry = catalogue.table(parseTable(name));
    if (entry.kind === 'TABLE' && !entry.external) return entry;
    throw invalidArgument(`${entry.ref.tableId} is a VIEW; rows cannot be written to it.`);
  };
  const shown = (name: StreamName, stream: WriteStream | null): object => {
    const { columns, createdMs } = catalogue.table(name.table);
    const { location } = catalogue.dataset(name.table.datasetId);
    const committedMs = stream?.type === 'PENDING' ? stream.committedMs : (stream?.createdMs ?? createdMs);
    return {
      name: streamPath(name),
      type: stream?.type ?? 'COMMITTED',
      writeMode: 'INSERT',
      createTime: timestamp(stream?.createdMs ?? createdMs),
      ...(committedMs === null ? {} : { commitTime: timestamp(committedMs) }),
      tableSchema: { fields: columns.map(fieldJson) },
      location: location.toLowerCase(),
    };
  };
  return {
    async createWriteStream({ parent = '', writeStream }: Create) {
      const entry = tableOf(parent);
      const type = writeStream?.type ?? 'COMMITTED';
      if (type !== 'COMMITTED' && type !== 'PENDING') throw unsupported(`streams of type ${type}`);
      const stream = await streams.create(entry, type);
      return shown(stream.name, stream);
    },
    async getWriteStream({ name = '' }: Named) {
      const stream = parseStream(name);
      return shown(stream, stream.streamId === DEFAULT_STREAM ? null : streams.get(stream));
    },
    async finalizeWriteStream({ name = '' }: Named) {
      const stream = parseStream(name);
      if (stream.streamId === DEFAULT_STREAM)
        throw invalidArgument('The default stream cannot be finalized.');
      return { rowCount: await streams.finalize(stream) };
    },
    async batchCommitWriteStreams({ parent = '', writeStreams = [] }: Commit) {
      if (writeStreams.length === 0) throw invalidArgument('No write_streams are given.');
      try {
        const committedMs = await streams.commit(tableOf(parent), writeStreams.map(parseStream));
        return { commitTime: timestamp(committedMs) };
      } catch (error) {
        if (!(error instanceof WriteFailure) || error.storageError === null) throw error;
        if (error.storageError === STORAGE_ERROR.TABLE_NOT_FOUND) throw error;
        const { storageError: code, entity, message: errorMessage } = error;
        return { streamErrors: [{ code, entity, errorMessage }] };
      }
    },
    async flushRows() {
      throw unsupported('FlushRows, which is for BUFFERED streams');
    },
  };
}

interface Create {
  readonly parent?: string;
  readonly writeStream?: { readonly type?: string };
}
interface Named {
  readonly name?: string;
}
interface Commit {
  readonly parent?: string;
  readonly writeStreams?: readonly string[];
}

const unsupported = (what: string): WriteFailure =>
  new WriteFailure(status.UNIMPLEMENTED, `not supported locally: ${what}`);

const timestamp = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: Math.round(ms % 1000) * 1e6 });

const TYPES = { INTEGER: 'INT64', FLOAT: 'DOUBLE', BOOLEAN: 'BOOL', RECORD: 'STRUCT' } as const;

/** `TableFieldSchema` of the Storage API. */
function fieldJson({ name, type, mode, description, fields }: ColumnSpec): object {
  return {
    name,
    type: TYPES[type as keyof typeof TYPES] ?? type,
    mode,
    ...(description === undefined ? {} : { description }),
    ...(fields === undefined ? {} : { fields: fields.map(fieldJson) }),
  };
}

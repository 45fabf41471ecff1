/**
 * Rows → BigQuery, by the default stream of the Storage Write API.
 *
 * Guarantee: `append` resolves after BigQuery acknowledged every row; at least once (a retried append may write
 * a row twice, which insert_id or the upsert key undo). It rejects when BigQuery refuses or does not answer in
 * time; the message is then not acknowledged and comes again. Rows that BigQuery refuses one by one are reported
 * as such, so that one poisonous row does not hold up its batch for ever.
 * Under pressure: appends of one table share a connection; the caller's concurrency bounds what is in flight.
 */
import type { managedwriter } from '@google-cloud/bigquery-storage';
import { rowDescriptor } from './descriptor.ts';
import { ProtoWriter } from './proto-writer.ts';
import { type Table, writeRow } from './table.ts';

/** What the functions need of a warehouse. */
export interface Warehouse {
  /** Appends rows; resolves to the indices of rows that the warehouse refuses for good (usually none). */
  append<Row>(table: Table<Row>, rows: readonly Row[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

export interface WarehouseOptions {
  readonly projectId: string;
  readonly datasetId: string;
  /** Plain-text endpoint; null: Google's. */
  readonly endpoint: { readonly host: string; readonly port: number } | null;
  /** How long an append may take before it is given up and the connection replaced, in ms. Default 30,000. */
  readonly timeoutMs?: number;
}

/** An AppendRows request may have 10 MB; this leaves room for its envelope. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** Room that a row is given at first: a log entry's is 350 bytes or so, and a buffer that must grow is copied. */
const ROW_BYTES = 448;
const INVALID_ARGUMENT = 3;

type Writer = InstanceType<typeof managedwriter.Writer>;
type AppendResponse = Awaited<ReturnType<ReturnType<Writer['appendRows']>['getResult']>>;

/** Opens a warehouse. Connections are made at the first append to each table. */
export function openWarehouse(options: WarehouseOptions): Warehouse {
  const client = lazy(() => createClient(options));
  const writers = new Map<string, Promise<Writer>>();

  const writerOf = (table: Table<never>): Promise<Writer> => {
    let writer = writers.get(table.name);
    if (writer === undefined) {
      writer = client().then((it) => openWriter(it, options, table));
      writers.set(table.name, writer);
      writer.catch(() => writers.delete(table.name));
    }
    return writer;
  };
  const drop = async (table: Table<never>): Promise<void> => {
    const writer = writers.get(table.name);
    writers.delete(table.name);
    (await writer?.catch(() => undefined))?.close();
  };

  async function request(table: Table<never>, serializedRows: readonly Buffer[]): Promise<readonly number[]> {
    const writer = await writerOf(table);
    try {
      const pending = writer.appendRows({ serializedRows: serializedRows as Buffer[] });
      return refusedRows(await within(options.timeoutMs ?? 30_000, pending.getResult()));
    } catch (error) {
      // The managed stream may have lost count of its pending writes: a new one starts clean.
      await drop(table);
      throw error;
    }
  }

  return {
    async append(table, rows) {
      const refused: number[] = [];
      for (const chunk of encode(table, rows)) {
        let indices = chunk.rows.map((_, i) => i);
        for (;;) {
          const bad = new Set(
            await request(
              table as Table<never>,
              indices.map((i) => chunk.rows[i]!),
            ),
          );
          if (bad.size === 0) break;
          refused.push(...indices.filter((_, i) => bad.has(i)).map((i) => chunk.first + i));
          indices = indices.filter((_, i) => !bad.has(i));
          if (indices.length === 0) break;
        }
      }
      return refused;
    },
    async close() {
      for (const writer of writers.values()) (await writer.catch(() => undefined))?.close();
      writers.clear();
    },
  };
}

interface Chunk {
  /** Index of the chunk's first row. */
  readonly first: number;
  readonly rows: readonly Buffer[];
}

/** Rows in wire format, in chunks below the size of a request. */
export function* encode<Row>(table: Table<Row>, rows: readonly Row[]): Generator<Chunk> {
  const writer = new ProtoWriter(Math.min(ROW_BYTES * (rows.length + 1), MAX_REQUEST_BYTES));
  let first = 0;
  let starts: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    starts.push(writeRow(writer, table, rows[i]!));
    if (writer.length >= MAX_REQUEST_BYTES / 2 || i === rows.length - 1) {
      const all = writer.slice(0);
      const ends = [...starts.slice(1), writer.length];
      yield { first, rows: starts.map((start, k) => all.subarray(start, ends[k])) };
      if (i < rows.length - 1) writer.reset();
      first = i + 1;
      starts = [];
    }
  }
}

/** The rows BigQuery refuses one by one; anything else it refuses is thrown. */
function refusedRows(response: AppendResponse): readonly number[] {
  const rowErrors = response?.rowErrors ?? [];
  if (rowErrors.length > 0) return rowErrors.map((row) => Number(row.index ?? 0));
  if (response?.error) {
    const refusal = new Error(`append refused: ${response.error.message ?? 'no reason given'}`);
    throw Object.assign(refusal, { code: response.error.code ?? INVALID_ARGUMENT });
  }
  return [];
}

async function createClient(
  options: WarehouseOptions,
): Promise<InstanceType<typeof managedwriter.WriterClient>> {
  const { managedwriter } = await import('@google-cloud/bigquery-storage');
  if (options.endpoint === null) return new managedwriter.WriterClient({ projectId: options.projectId });
  const { credentials } = await import('@grpc/grpc-js');
  return new managedwriter.WriterClient({
    projectId: options.projectId,
    apiEndpoint: options.endpoint.host,
    port: options.endpoint.port,
    sslCreds: credentials.createInsecure(),
  });
}

async function openWriter(
  client: InstanceType<typeof managedwriter.WriterClient>,
  options: WarehouseOptions,
  table: Table<never>,
): Promise<Writer> {
  const { managedwriter } = await import('@google-cloud/bigquery-storage');
  const connection = await client.createStreamConnection({
    streamId: managedwriter.DefaultStream,
    destinationTable: `projects/${options.projectId}/datasets/${options.datasetId}/tables/${table.name}`,
  });
  // Without a listener a broken connection would be an uncaught exception; the pending appends reject anyway.
  connection.onConnectionError(() => {});
  return new managedwriter.Writer({ connection, protoDescriptor: rowDescriptor(table) as never });
}

const lazy = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = Object.assign(new Error(`no answer within ${ms} ms`), { code: 'ETIMEDOUT' });
    const timer = setTimeout(() => reject(late), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

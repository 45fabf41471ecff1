/**
 * One AppendRows call: requests are decoded as they come and answered in their order, each after its rows are
 * committed. Wrong rows and wrong offsets refuse their request and leave the call open; a wrong schema or a missing
 * table ends the call, after the answers that are owed.
 */
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { TableEntry } from '../catalogue/entry.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { type Append, type Appends, MAX_PENDING_BYTES, TableChanged } from './appends.ts';
import { readDescriptor } from './descriptor.ts';
import { asWriteFailure, invalidArgument, RowFailure, WriteFailure } from './failure.ts';
import { DEFAULT_STREAM, parseStream, type StreamName, streamPath } from './names.ts';
import type { AppendRequest } from './request.ts';
import { STREAMS, type Streams, streamFailure, type WriteStream } from './streams.ts';
import { RowWriter } from './writer.ts';

export interface WriteService {
  readonly warehouse: Warehouse;
  readonly appends: Appends;
  readonly streams: Streams;
}

export type AppendCall = ServerDuplexStream<AppendRequest, object>;

/** Refuses one request; the call goes on. */
class RequestFailure extends Error {
  readonly failure: WriteFailure;

  constructor(failure: WriteFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

export class Connection {
  readonly #service: WriteService;
  readonly #call: AppendCall;
  readonly #fail: (failure: WriteFailure) => void;
  /** The answers owed so far. */
  #answers: Promise<void> = Promise.resolve();
  #stream: StreamName | null = null;
  #descriptor: Buffer | null = null;
  #writer: RowWriter | null = null;
  #over = false;

  /** `fail` ends the call with a status. */
  constructor(service: WriteService, call: AppendCall, fail: (failure: WriteFailure) => void) {
    this.#service = service;
    this.#call = call;
    this.#fail = fail;
    call.on('data', (request: AppendRequest) => this.#take(request));
    call.on('end', () => void this.close());
    call.on('cancelled', () => {
      this.#over = true;
    });
    // The other side went away: what it sent is written all the same.
    call.on('error', () => {
      this.#over = true;
    });
  }

  /** Answers what is owed, then ends the call. */
  async close(): Promise<void> {
    await this.#answers;
    if (!this.#over) this.#call.end();
    this.#over = true;
  }

  #take(request: AppendRequest): void {
    const work = this.#work(request);
    const before = this.#answers;
    this.#answers = (async () => {
      const answer = await work.catch((error: unknown) => error);
      await before;
      this.#answer(answer);
    })();
    const { appends } = this.#service;
    if (appends.pendingBytes > MAX_PENDING_BYTES && !this.#over) {
      this.#call.pause();
      void appends.room().then(() => this.#call.resume());
    }
  }

  #answer(answer: unknown): void {
    if (this.#over) return;
    const writeStream = this.#stream ? streamPath(this.#stream) : '';
    if (answer instanceof RowFailure) {
      const error = { code: status.INVALID_ARGUMENT, message: `${answer.message} Entity: ${writeStream}` };
      this.#call.write({ error, rowErrors: answer.rows, writeStream });
    } else if (answer instanceof RequestFailure) {
      const { code, message } = answer.failure;
      this.#call.write({ error: { code, message }, writeStream });
    } else if (answer instanceof Error) {
      this.#over = true;
      this.#fail(asWriteFailure(answer));
    } else {
      this.#call.write({ ...(answer as object), writeStream });
    }
  }

  async #work(request: AppendRequest): Promise<object> {
    if (request.writeStream !== '') this.#stream = parseStream(request.writeStream);
    if (this.#stream === null) throw invalidArgument('The first request must name its write_stream.');
    if (request.arrow) {
      throw new WriteFailure(status.UNIMPLEMENTED, 'not supported locally: rows in Arrow format');
    }
    if (request.descriptor) this.#descriptor = request.descriptor;
    const stream = this.#stream;
    if (stream.streamId === DEFAULT_STREAM) {
      if (request.offset !== null) {
        throw new RequestFailure(
          invalidArgument('Offset can only be specified for streams that were created, not for _default.'),
        );
      }
      await this.#append(stream, request, null);
      return { appendResult: {} };
    }
    const found = this.#service.streams.get(stream);
    const offset = reserve(found, request);
    await this.#append(stream, request, found).catch((error: unknown) => {
      found.next = found.rows;
      throw error;
    });
    return { appendResult: { offset: { value: offset } } };
  }

  async #append(name: StreamName, request: AppendRequest, stream: WriteStream | null): Promise<void> {
    const { catalogue } = this.#service.warehouse;
    for (;;) {
      const entry = catalogue.table(name.table);
      if (entry.kind !== 'TABLE' || entry.external) {
        throw invalidArgument(`${name.table.tableId} is no table that rows can be written to.`);
      }
      const writer = this.#writerOf(entry);
      const rows = writer.encode(request);
      const bytes = request.bytes.length;
      const append: Append = { entry, rows, bytes, changes: writer.changes };
      try {
        const counting = stream ? this.#counting(stream, append) : null;
        await this.#service.appends.append({ ...append, ...counting?.extra });
        counting?.committed();
        return;
      } catch (error) {
        if (!(error instanceof TableChanged)) throw error;
      }
    }
  }

  #counting(stream: WriteStream, append: Append) {
    if (stream.type === 'PENDING' && append.changes) {
      throw invalidArgument('Changes can only be written to the default stream.');
    }
    const { sql, committed } = this.#service.streams.counting(stream, append.rows.count);
    const into = { schema: STREAMS, table: stream.name.streamId };
    const extra: Partial<Append> = {
      before: async (connection) => void (await connection.run(sql)),
      ...(stream.type === 'PENDING' ? { into } : {}),
    };
    return { extra, committed };
  }

  #writerOf(entry: TableEntry): RowWriter {
    const descriptor = this.#descriptor;
    if (descriptor === null) throw invalidArgument('The first request must carry the writer schema.');
    const known = this.#writer;
    if (known && known.entry === entry && known.descriptor.equals(descriptor)) return known;
    const now = (): number => this.#service.warehouse.timers.now();
    this.#writer = new RowWriter(entry, Buffer.from(descriptor), readDescriptor(descriptor), now);
    return this.#writer;
  }
}

/** Takes the offsets of the request's rows; refuses it where they are not the next ones. */
function reserve(stream: WriteStream, { offset, starts }: AppendRequest): number {
  if (stream.finalized) {
    throw streamFailure(
      status.INVALID_ARGUMENT,
      'STREAM_FINALIZED',
      'Stream has been finalized.',
      stream.name,
    );
  }
  const expected = stream.next;
  const text = `expected offset ${expected}, received ${offset}.`;
  if (offset !== null && offset < expected) {
    throw new RequestFailure(
      streamFailure(
        status.ALREADY_EXISTS,
        'OFFSET_ALREADY_EXISTS',
        `The offset is within stream, ${text}`,
        stream.name,
      ),
    );
  }
  if (offset !== null && offset > expected) {
    throw new RequestFailure(
      streamFailure(
        status.OUT_OF_RANGE,
        'OFFSET_OUT_OF_RANGE',
        `The offset is beyond stream, ${text}`,
        stream.name,
      ),
    );
  }
  stream.next += starts.length;
  return expected;
}

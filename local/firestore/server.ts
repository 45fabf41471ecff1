/**
 * Firestore's gRPC surface: decodes requests, hands them to the handlers, encodes what comes back.
 * Under pressure: a stream waits while its client reads slowly; a request above 11 MiB is refused.
 */
import { once } from 'node:events';
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type GrpcServer, grpcServer, listen, shutDown } from '../grpc-server.ts';
import { Failure, status } from './failure.ts';
import type { Handlers, Part } from './handlers.ts';
import { decode, encode, type Method, methods, SERVICE, timestampOf } from './protocol.ts';

/** Firestore takes requests of up to 10 MiB. */
const MAX_REQUEST_BYTES = 11 << 20;
const WINDOW_BYTES = 4 << 20;

type Handler = (request: Record<string, unknown>) => unknown;

/** Listens on 127.0.0.1; `hold` keeps what a stream still has to read. Rejects when the port is taken. */
export async function serveFirestore(options: {
  readonly port: number;
  readonly handlers: Handlers;
  readonly hold: () => () => void;
}): Promise<GrpcServer> {
  const server = grpcServer(MAX_REQUEST_BYTES);
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const method of methods()) {
    const name = method.name.charAt(0).toLowerCase() + method.name.slice(1);
    const found = (options.handlers as unknown as Record<string, Handler | undefined>)[name];
    if (typeof found !== 'function') continue;
    const handler: Handler = (request) => found.call(options.handlers, request);
    definition[name] = wire(method);
    implementation[name] = method.responseStream ? streaming(method, handler, options.hold) : unary(handler);
  }
  server.addService(definition, implementation);
  const port = await listen(server, options.port, WINDOW_BYTES);
  return { port, close: () => shutDown(server) };
}

function wire(method: Method): ServiceDefinition[string] {
  return {
    path: `/${SERVICE}/${method.name}`,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    requestSerialize: (message: object) => encode(method.requestType, message),
    requestDeserialize: (bytes: Buffer) => decode(method.requestType, bytes),
    responseSerialize: (message: object) =>
      Buffer.isBuffer(message) ? message : encode(method.responseType, message),
    responseDeserialize: (bytes: Buffer) => decode(method.responseType, bytes),
  };
}

function unary(handler: Handler): handleUnaryCall<Record<string, unknown>, unknown> {
  return (call, callback) => {
    try {
      callback(null, handler(call.request));
    } catch (error) {
      callback(answerTo(error));
    }
  };
}

function streaming(
  method: Method,
  handler: Handler,
  hold: () => () => void,
): handleServerStreamingCall<Record<string, unknown>, unknown> {
  return (call) => {
    const release = hold();
    sendAll(method, handler(call.request) as Generator<Part>, call)
      .then(() => call.end())
      .catch((error: unknown) => call.emit('error', answerTo(error)))
      .finally(release);
  };
}

async function sendAll(
  method: Method,
  parts: Iterable<Part>,
  call: ServerWritableStream<Record<string, unknown>, unknown>,
): Promise<void> {
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort());
  for (const part of parts) {
    if (call.cancelled) return;
    const message = 'message' in part ? part.message : framed(method, part.document, part.readUs);
    if (!call.write(message)) await once(call, 'drain', { signal: gone.signal }).catch(() => {});
  }
}

/** A message whose first field is the document and which has a read time: encoded around the document's bytes. */
function framed(method: Method, document: Buffer, readUs: number): Buffer {
  const head: number[] = [0x0a];
  let length = document.length;
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  head.push(length);
  const tail = encode(method.responseType, { readTime: timestampOf(readUs) });
  return Buffer.concat([Buffer.from(head), document, tail]);
}

function answerTo(error: unknown): { code: number; details: string } {
  if (error instanceof Failure) return { code: error.code, details: error.message };
  const cause = error instanceof Error ? error.stack : String(error);
  console.error(JSON.stringify({ severity: 'ERROR', stage: 'local-firestore', error: cause }));
  return { code: status.INTERNAL, details: 'Internal error encountered.' };
}

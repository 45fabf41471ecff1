/**
 * The gRPC surface: decodes requests, hands them to the services, encodes what comes back. Listens on 127.0.0.1.
 * Under pressure: a request above 16 MiB is refused by gRPC; below that the services say what is too large.
 */
import {
  type handleUnaryCall,
  type Server,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type GrpcServer, grpcServer, listen, shutDown } from '../grpc-server.ts';
import { Failure } from './failure.ts';
import type { Publisher } from './publisher.ts';
import type { PullCall, StreamingPulls } from './streaming-pull.ts';
import type { Subscriber } from './subscriber.ts';
import { decode, encode, type Method, methods } from './wire.ts';

const MAX_REQUEST_BYTES = 16 << 20;
/** So much of a request may be under way before the sender waits for us. */
const WINDOW_BYTES = 4 << 20;

export interface Services {
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  readonly streams: StreamingPulls;
}

type Handler = (request: object, cancelled: AbortSignal) => unknown;
type Unary = handleUnaryCall<object, unknown>;

/** Rejects when the port is taken. */
export async function serve(port: number, services: Services): Promise<GrpcServer> {
  const server = grpcServer(MAX_REQUEST_BYTES);
  const closing = new AbortController();
  for (const name of ['Publisher', 'Subscriber']) {
    const definition: Record<string, ServiceDefinition[string]> = {};
    const implementation: UntypedServiceImplementation = {};
    for (const method of methods().filter(({ service }) => service.endsWith(`.${name}`))) {
      const handler = method.name.charAt(0).toLowerCase() + method.name.slice(1);
      definition[handler] = wire(method);
      const service = name === 'Publisher' ? services.publisher : services.subscriber;
      implementation[handler] = method.requestStream
        ? streaming(services.streams)
        : unary(handlerOf(service, handler), closing.signal, method.name === 'Pull');
    }
    server.addService(definition, implementation);
  }
  const bound = await listen(server, port, WINDOW_BYTES);
  return { port: bound, close: () => close(server, closing) };
}

function handlerOf(service: Publisher | Subscriber, name: string): Handler {
  const handler = (service as unknown as Record<string, Handler | undefined>)[name];
  if (handler === undefined) throw new Error(`no handler for ${name}`);
  return handler.bind(service);
}

function wire(method: Method): ServiceDefinition[string] {
  return {
    path: `/${method.service}/${method.name}`,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    requestSerialize: (message: object) => encode(method.requestType, message),
    requestDeserialize: (bytes: Buffer) => decode(method.requestType, bytes),
    responseSerialize: (message: object) => encode(method.responseType, message),
    responseDeserialize: (bytes: Buffer) => decode(method.responseType, bytes),
  };
}

function streaming(streams: StreamingPulls): (call: PullCall) => void {
  return (call) => streams.serve(call, (error) => call.emit('error', answerTo(error)));
}

function unary(handler: Handler, closing: AbortSignal, waits: boolean): Unary {
  return (call, callback) => {
    const settle = (answer: unknown): void => {
      if (!(answer instanceof Promise)) callback(null, answer);
      else answer.then((value) => callback(null, value), fail);
    };
    const fail = (error: unknown): void => callback(answerTo(error));
    try {
      settle(handler(call.request, waits ? cancellation(call, closing) : closing));
    } catch (error) {
      fail(error);
    }
  };
}

/** Fires when the caller gives up, or the server closes. */
function cancellation(call: Parameters<Unary>[0], closing: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  call.once('cancelled', abort);
  closing.addEventListener('abort', abort, { once: true });
  controller.signal.addEventListener('abort', () => closing.removeEventListener('abort', abort));
  return controller.signal;
}

function answerTo(error: unknown): { code: number; details: string } {
  if (error instanceof Failure) return { code: error.code, details: error.message };
  const cause = error instanceof Error ? error.stack : String(error);
  console.error(JSON.stringify({ severity: 'ERROR', stage: 'local-pubsub', error: cause }));
  return { code: status.INTERNAL, details: 'Internal error encountered.' };
}

function close(server: Server, closing: AbortController): Promise<void> {
  closing.abort();
  return shutDown(server);
}

/**
 * The Storage Write API over gRPC, on 127.0.0.1: BigQueryWrite, as Google's clients speak it.
 * Under pressure: calls are not read while 32 MiB of rows wait for their commit; a request above 20 MiB is refused.
 * Not there: BigQueryRead, BUFFERED streams, rows in Arrow format.
 */
import {
  type handleUnaryCall,
  Metadata,
  type Server,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type GrpcServer, grpcServer, listen, shutDown } from '../../grpc-server.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import type { Appends } from './appends.ts';
import { type AppendCall, Connection, type WriteService } from './connection.ts';
import { asWriteFailure, WriteFailure } from './failure.ts';
import { decode, encode, type Method, methods, protocolType } from './protocol.ts';
import { readAppendRequest } from './request.ts';
import { Streams } from './streams.ts';
import { unaryMethods } from './unary.ts';

const MAX_REQUEST_BYTES = 20 << 20;
/** So much of a request may be under way before the sender waits for us. */
const WINDOW_BYTES = 8 << 20;

/** Rejects when the port is taken. */
export async function serveWrite(port: number, warehouse: Warehouse, appends: Appends): Promise<GrpcServer> {
  const service: WriteService = { warehouse, appends, streams: await Streams.open(warehouse) };
  const connections = new Set<Connection>();
  const server = grpcServer(MAX_REQUEST_BYTES);
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const method of methods()) {
    const handler = method.name.charAt(0).toLowerCase() + method.name.slice(1);
    definition[handler] = wire(method);
    implementation[handler] = method.stream
      ? (call: AppendCall) => open(connections, service, call)
      : unary(unaryMethods(service)[handler]);
  }
  server.addService(definition, implementation);
  const bound = await listen(server, port, WINDOW_BYTES);
  return {
    port: bound,
    close: () => close(server, connections, appends),
  };
}

function open(connections: Set<Connection>, service: WriteService, call: AppendCall): void {
  const connection = new Connection(service, call, (failure) => {
    call.emit('error', answerTo(failure));
    connections.delete(connection);
  });
  connections.add(connection);
  call.on('close', () => connections.delete(connection));
}

function unary(handle: ((request: never) => Promise<object>) | undefined): handleUnaryCall<object, object> {
  return (call, callback) => {
    const run = handle ?? (() => Promise.reject(unimplemented()));
    run(call.request as never).then(
      (answer) => callback(null, answer),
      (error: unknown) => callback(answerTo(asWriteFailure(error))),
    );
  };
}

const unimplemented = (): WriteFailure =>
  new WriteFailure(status.UNIMPLEMENTED, 'not supported locally: this method');

function wire(method: Method): ServiceDefinition[string] {
  return {
    path: method.path,
    requestStream: method.stream,
    responseStream: method.stream,
    requestSerialize: (message: object) => encode(method.request, message),
    requestDeserialize: method.stream ? readAppendRequest : (bytes: Buffer) => decode(method.request, bytes),
    responseSerialize: (message: object) => encode(method.response, message),
    responseDeserialize: (bytes: Buffer) => decode(method.response, bytes),
  };
}

/** The status that ends a call; `StorageError` in its details, where there is one. */
function answerTo({ code, message, storageError, entity }: WriteFailure) {
  const metadata = new Metadata();
  if (storageError !== null) {
    const storage = protocolType('google.cloud.bigquery.storage.v1.StorageError');
    const value = encode(storage, { code: storageError, entity, errorMessage: message });
    const detail = {
      type_url: 'type.googleapis.com/google.cloud.bigquery.storage.v1.StorageError',
      value,
    };
    metadata.set(
      'grpc-status-details-bin',
      encode(protocolType('google.rpc.Status'), { code, message, details: [detail] }),
    );
  }
  return { code, details: message, metadata };
}

async function close(server: Server, connections: ReadonlySet<Connection>, appends: Appends): Promise<void> {
  await Promise.all([...connections].map((connection) => connection.close()));
  await shutDown(server);
  await appends.settled();
}

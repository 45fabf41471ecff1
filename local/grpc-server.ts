/** What the gRPC servers of the laptop share: they listen on 127.0.0.1, take large messages, and end soon. */
import type { Http2Server } from 'node:http2';
import { Server, ServerCredentials } from '@grpc/grpc-js';

const CLOSE_GRACE_MS = 2_000;

export interface GrpcServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A server that refuses requests above `maxRequestBytes`. */
export const grpcServer = (maxRequestBytes: number): Server =>
  new Server({ 'grpc.max_receive_message_length': maxRequestBytes, 'grpc.max_send_message_length': -1 });

/** Listens; rejects when the port is taken. `windowBytes` of a request may be under way before its sender waits. */
export async function listen(server: Server, port: number, windowBytes: number): Promise<number> {
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, found) =>
      error ? reject(error) : resolve(found),
    );
  });
  widenWindows(server, windowBytes);
  return bound;
}

/**
 * grpc-js 1.14 has no setting for its server's flow control, and HTTP/2's own 64 KiB make a sender of large messages
 * wait for us again and again (826 messages of 100 KB a second against 1,516). Where its insides change, the
 * default stays.
 */
function widenWindows(server: Server, windowBytes: number): void {
  const { http2Servers } = server as unknown as { http2Servers?: ReadonlyMap<Http2Server, unknown> };
  for (const http2Server of http2Servers?.keys() ?? []) {
    http2Server.on('session', (session) => {
      session.setLocalWindowSize(windowBytes);
      session.settings({ initialWindowSize: windowBytes });
    });
  }
}

/** Lets calls end, for a while. */
export const shutDown = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const hurry = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, CLOSE_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(hurry);
      resolve();
    });
  });

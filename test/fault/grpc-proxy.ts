/**
 * Stands before a gRPC service and lets some calls go wrong: a call may be refused when it begins; of a call that goes
 * through, long streams too, each answer may be late, replaced by an error, or break off.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Fate, type FaultProxy, LATE_MS, type Mishap } from './fault.ts';

/** As Google's services say what HTTP says with a number. */
const STATUS = { '429': 8, '500': 13, '503': 14 } as const;

export async function startGrpcProxy(upstream: () => number, fate: Fate): Promise<FaultProxy> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    const back: { session: ClientHttp2Session | null } = { session: null };
    const toService = (): ClientHttp2Session => {
      if (back.session === null || back.session.closed || back.session.destroyed) {
        back.session = connect(`http://127.0.0.1:${upstream()}`);
        back.session.on('error', () => {});
      }
      return back.session;
    };
    session.on('stream', (stream, headers) => pass(stream, headers, toService, fate));
    session.on('error', () => {});
    session.once('close', () => {
      sessions.delete(session);
      back.session?.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    fate,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function pass(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  toService: () => ClientHttp2Session,
  fate: Fate,
): void {
  stream.on('error', () => {});
  const first = fate.of();
  if (first !== null && !first.done) {
    spoil(stream, first);
    return;
  }
  const call = toService().request(headers);
  stream.pipe(call);
  stream.once('close', () => call.close(constants.NGHTTP2_CANCEL));
  call.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  answer(stream, call, first, fate);
}

/** Passes the answers on, in their order. `mishap`: of the first one. */
function answer(stream: ServerHttp2Stream, call: ClientHttp2Stream, mishap: Mishap | null, fate: Fate): void {
  let trailers: IncomingHttpHeaders = {};
  let spoilt = false;
  let next: Mishap | null = mishap;
  let before: Promise<void> = Promise.resolve();
  const inOrder = (work: () => Promise<void> | void): void => {
    before = before.then(async () => {
      if (!stream.destroyed && !stream.closed && !spoilt) await work();
    });
  };
  call.on('response', (headers, flags) => {
    const over = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    inOrder(() => stream.respond(headers, over ? { endStream: true } : { waitForTrailers: true }));
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  call.on('trailers', (headers) => {
    if (!spoilt) trailers = headers;
  });
  call.on('data', (chunk: Buffer) => {
    const now = next;
    inOrder(() => passChunk(stream, chunk, now));
    next = fate.of();
  });
  call.on('end', () => inOrder(() => void stream.end()));

  async function passChunk(to: ServerHttp2Stream, chunk: Buffer, befalls: Mishap | null): Promise<void> {
    if (befalls?.fault === 'latency') await delay(LATE_MS);
    else if (befalls?.fault === 'half') {
      to.write(chunk.subarray(0, chunk.length >> 1), () => to.close(constants.NGHTTP2_INTERNAL_ERROR));
      return;
    } else if (befalls?.fault === 'reset') {
      to.session?.destroy();
      return;
    } else if (befalls !== null) {
      spoilt = true;
      trailers = statusOf(befalls);
      to.end();
      return;
    }
    to.write(chunk);
  }
}

const statusOf = ({ fault }: Mishap) => ({
  'grpc-status': String(STATUS[fault as keyof typeof STATUS]),
  'grpc-message': 'as the test asked for',
});

function spoil(stream: ServerHttp2Stream, mishap: Mishap): void {
  if (mishap.fault === 'reset') {
    stream.session?.destroy();
    return;
  }
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', ...statusOf(mishap) },
    { endStream: true },
  );
}

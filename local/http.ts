/**
 * The HTTP edge that the Storage and Cloud Tasks stand-ins share: routes by pattern, bodies read within a limit,
 * errors in Google's JSON shape, a close that lets answers finish. Listens on 127.0.0.1 alone.
 * Under pressure: a body above its limit is refused with 413 as soon as it passes it; nothing is queued here.
 * Source of the error shape: https://google.aip.dev/193 and https://cloud.google.com/storage/docs/json_api/v1/status-codes
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What names an error beside its number: `status` as gRPC-style services say it, `reason` as Storage does. */
export interface ErrorDetail {
  readonly status?: string;
  readonly reason?: string;
  readonly location?: { readonly type: string; readonly name: string };
}

/** An answer other than success, thrown by a handler and written as Google's error JSON. */
export class ApiError extends Error {
  readonly code: number;
  readonly detail: ErrorDetail;

  constructor(code: number, message: string, detail: ErrorDetail = {}) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** One request on its way through a handler. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** The pattern's named groups, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** A handler answers by returning JSON, or writes `call.response` itself and returns undefined. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly handle: (call: Call) => unknown;
}

/** A listening server. */
export interface HttpService {
  readonly port: number;
  close(): Promise<void>;
}

/** How long answers in hand may take to finish after `close()`. */
const CLOSE_GRACE_MS = 5_000;

/** Serves `routes`, first match wins. Rejects when the port is taken. */
export async function serveHttp(options: {
  readonly port: number;
  readonly stage: string;
  readonly routes: readonly Route[];
}): Promise<HttpService> {
  const server = createServer((request, response) => {
    if (!server.listening) response.shouldKeepAlive = false;
    void answer(options, request, response);
  });
  // Large bodies may take their time; idle connections outlast the pauses of clients that keep them.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  let closed: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      closed ??= closeServer(server);
      return closed;
    },
  };
}

/** Reads the whole body, up to `limitBytes`; beyond it throws 413. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed when left early: the answer goes out over the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) {
      throw new ApiError(413, `Request payload size exceeds the limit: ${limitBytes} bytes.`, {
        status: 'INVALID_ARGUMENT',
        reason: 'uploadTooLarge',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** Parses a JSON object; an empty body is `{}`, anything else is 400. */
export function parseJsonObject(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new ApiError(400, 'Invalid JSON payload received: a JSON object is expected.', {
    status: 'INVALID_ARGUMENT',
    reason: 'parseError',
  });
}

/** Writes a JSON answer. */
export function sendJson(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(code, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': bytes.length,
    ...headers,
  });
  response.end(bytes);
}

async function answer(
  options: { readonly stage: string; readonly routes: readonly Route[] },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const call = match(options.routes, request, response);
    const body = await call.route.handle(call);
    if (body !== undefined) sendJson(response, 200, body);
  } catch (error) {
    fail(options.stage, request, response, error);
  }
}

function match(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Call & { readonly route: Route } {
  const text = `http://127.0.0.1${request.url ?? '/'}`;
  if (!request.url?.startsWith('/') || !URL.canParse(text)) {
    throw new ApiError(400, `Malformed request target: ${request.url}`, {
      status: 'INVALID_ARGUMENT',
      reason: 'badRequest',
    });
  }
  const url = new URL(text);
  for (const route of routes) {
    if (route.method !== request.method) continue;
    const found = route.path.exec(url.pathname);
    if (found) return { route, request, response, url, params: decodeGroups(found.groups ?? {}) };
  }
  throw new ApiError(404, `Not Found: ${request.method} ${url.pathname}`, {
    status: 'NOT_FOUND',
    reason: 'notFound',
  });
}

function decodeGroups(groups: Record<string, string>): Record<string, string> {
  const decoded: Record<string, string> = {};
  try {
    for (const [name, value] of Object.entries(groups)) {
      if (value !== undefined) decoded[name] = decodeURIComponent(value);
    }
  } catch {
    throw new ApiError(400, 'Malformed percent-encoding in the path.', {
      status: 'INVALID_ARGUMENT',
      reason: 'invalid',
    });
  }
  return decoded;
}

function fail(stage: string, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const known = error instanceof ApiError;
  // A client that went away is no fault of ours; nobody is left to answer.
  if (!known && request.socket.destroyed) return;
  if (!known) logFault(stage, request, error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const seen = known ? error : new ApiError(500, 'Internal error encountered.', { status: 'INTERNAL' });
  if (!request.complete) response.shouldKeepAlive = false;
  sendJson(response, seen.code, errorBody(seen));
  request.resume();
}

function errorBody({ code, message, detail }: ApiError): unknown {
  const { status, reason, location } = detail;
  const where = location === undefined ? {} : { locationType: location.type, location: location.name };
  return {
    error: {
      code,
      message,
      ...(reason === undefined ? {} : { errors: [{ message, domain: 'global', reason, ...where }] }),
      ...(status === undefined ? {} : { status }),
    },
  };
}

function logFault(stage: string, request: IncomingMessage, error: unknown): void {
  const cause = error instanceof Error ? error.stack : String(error);
  console.error(JSON.stringify({ severity: 'ERROR', stage, method: request.method, error: cause }));
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    const hurry = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(hurry);
      resolve();
    });
    server.closeIdleConnections();
  });
}

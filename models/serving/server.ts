/**
 * The models behind Vertex AI's container contract: GET health → 200 once everything is loaded and warm, POST predict
 * `{"instances": […]}` → `{"predictions": […]}`, GET /metrics. The same server answers on the laptop under the path of
 * an endpoint, `…/endpoints/NAME:predict`.
 *
 * Under pressure: bodies above the limit are refused as they arrive (413); requests are answered in batches; nothing is
 * queued but the requests themselves. A set of models that cannot be loaded is refused and the one that serves stays.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InstanceError, readInstances } from './instance.ts';
import { createMetrics } from './metrics.ts';
import { loadPredictor, type Predictor } from './predictor.ts';

export interface ServingOptions {
  /** 0: the system chooses. */
  readonly port: number;
  /** 127.0.0.1 by default; a container says 0.0.0.0. */
  readonly host?: string;
  readonly artifactsDir: string;
  /** Paths; /health and /predict by default. */
  readonly healthRoute?: string;
  readonly predictRoute?: string;
}

export interface Serving {
  readonly port: number;
  /** Resolves when the models are loaded and warm; rejects if they cannot be. */
  readonly ready: Promise<void>;
  /** Loads the folder again, or another one. Rejects, and goes on with the old models, if it cannot. */
  reload(artifactsDir?: string): Promise<void>;
  /** Stops accepting and finishes what is in hand. Safe to call twice. */
  close(): Promise<void>;
}

/** Vertex AI takes 1.5 MB; a little more, so that the refusal is ours and clear. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** A body that is refused is read up to here; beyond, the connection is cut. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;

const ENDPOINT = /^\/v1\/projects\/[^/]+\/locations\/[^/]+\/endpoints\/[^/:]+:predict$/;

/** Listens at once; answers predictions when the models are loaded. */
export async function listen(options: ServingOptions): Promise<Serving> {
  const { port, host = '127.0.0.1', artifactsDir } = options;
  const state: State = { predictor: null, metrics: createMetrics(), options };
  const server = createServer((request, response) => void handle(state, request, response));
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  let dir = artifactsDir;
  const load = async (): Promise<void> => {
    const fresh = await loadPredictor(dir);
    const old = state.predictor;
    state.predictor = fresh;
    await old?.close();
  };
  const ready = load();
  ready.catch(() => undefined);
  return {
    port: (server.address() as AddressInfo).port,
    ready,
    reload: async (next = dir) => {
      const before = dir;
      dir = next;
      await load().catch((error: unknown) => {
        dir = before;
        throw error;
      });
    },
    close: () => closeServer(server, state),
  };
}

/** Starts the server and waits until it can predict. Throws ArtifactError for models that cannot be loaded. */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const serving = await listen(options);
  try {
    await serving.ready;
  } catch (error) {
    await serving.close();
    throw error;
  }
  return serving;
}

interface State {
  predictor: Predictor | null;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly options: ServingOptions;
}

async function closeServer(server: Server, state: State): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  await state.predictor?.close();
  state.predictor = null;
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { healthRoute = '/health', predictRoute = '/predict' } = state.options;
  const path = (request.url ?? '/').split('?', 1)[0]!;
  if (path === healthRoute) return health(state, response);
  if (path === '/metrics') return metricsPage(state, response);
  if (path !== predictRoute && !ENDPOINT.test(path))
    return fail(
      response,
      404,
      'NOT_FOUND',
      `no such path; there are ${healthRoute}, ${predictRoute}, /metrics`,
    );
  if (request.method !== 'POST') return fail(response, 405, 'INVALID_ARGUMENT', 'allowed: POST');
  const startMs = performance.now();
  await predict(state, request, response);
  state.metrics.request(response.statusCode, performance.now() - startMs);
}

async function predict(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { predictor } = state;
  if (predictor === null) return fail(response, 503, 'UNAVAILABLE', 'the models are being loaded');
  try {
    const body = await readBody(request);
    if (body === null) {
      response.setHeader('connection', 'close');
      return fail(response, 413, 'INVALID_ARGUMENT', `the body is over ${MAX_BODY_BYTES} bytes`);
    }
    const instances = readInstances(parseJson(body));
    const messages = instances.filter(({ kind }) => kind === 'message').length;
    state.metrics.instances('message', messages);
    state.metrics.instances('windows', instances.length - messages);
    const predictions = await predictor.predict(instances);
    send(response, 200, { predictions, model: 'logweir', modelVersionId: predictor.manifest.version });
  } catch (error) {
    if (error instanceof InstanceError) fail(response, 400, 'INVALID_ARGUMENT', error.message);
    else if (!response.headersSent) fail(response, 500, 'INTERNAL', 'the models did not answer');
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new InstanceError('the body is not JSON');
  }
}

/** The body, or null when it is too large: read to its end, so that the caller hears why, but not kept. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else if (bytes > MAX_DRAINED_BYTES) break;
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null;
}

function health({ predictor }: State, response: ServerResponse): void {
  if (predictor === null) fail(response, 503, 'UNAVAILABLE', 'the models are being loaded');
  else send(response, 200, { status: 'ready', version: predictor.manifest.version });
}

function metricsPage({ metrics, predictor }: State, response: ServerResponse): void {
  response.setHeader('content-type', 'text/plain; version=0.0.4');
  response.end(
    metrics.text({
      logweir_models_loaded: predictor === null ? 0 : 1,
      logweir_message_cache_hits: predictor?.cacheHits ?? 0,
      process_resident_memory_bytes: process.memoryUsage.rss(),
    }),
  );
}

function send(response: ServerResponse, code: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** An error as Google's APIs write them. */
const fail = (response: ServerResponse, code: number, status: string, message: string): void =>
  send(response, code, { error: { code, message, status } });

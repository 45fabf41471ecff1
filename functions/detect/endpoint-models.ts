/**
 * The models behind Vertex AI's `:predict`, by fetch: chunks under its limit of 1.5 MB, one deadline for all of a call,
 * a circuit breaker.
 *
 * Guarantee: never rejects and never takes longer than the deadline; an instance that was not answered, or not with
 * what the models answer, has null, and whoever asked decides without. Under pressure: so many chunks at once; an answer
 * longer than a limit is cut off and counts as none.
 */
import { log } from '../log.ts';
import { WARNING } from '../parse/severity.ts';
import { inTurns } from '../window/turns.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import { BadAnswer, type Kinds, readAnswer } from './model-answer.ts';
import type { ModelClient, Predictions, WindowsInstance } from './model-client.ts';
import { missedFields, within } from './within.ts';

export interface EndpointOptions {
  /** …/v1/projects/P/locations/L/endpoints/E:predict */
  readonly url: string;
  /** Value of the Authorization header; null: none. */
  readonly authorization: () => Promise<string | null>;
  readonly deadlineMs: number;
  readonly clock: () => number;
  readonly breaker?: Breaker;
}

/** Vertex AI takes 1.5 MB a request; a container takes MAX_INSTANCES of models/serving. */
const MAX_CHUNK_CHARS = 1_400_000;
const MAX_CHUNK_INSTANCES = 512;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const CONCURRENT = 4;
const BREAKER = { failures: 3, pauseMs: 30_000 };

export function endpointModels(options: EndpointOptions): ModelClient {
  const { clock, deadlineMs, breaker = createBreaker(BREAKER) } = options;

  async function predict<K extends keyof Kinds>(
    kind: K,
    instances: readonly unknown[],
  ): Promise<Predictions<Kinds[K]>> {
    const answers = new Array<Kinds[K] | null>(instances.length).fill(null);
    if (instances.length === 0 || !breaker.allows(clock())) return { version: null, answers };
    let version: string | null = null;
    let failures = 0;
    const signal = AbortSignal.timeout(deadlineMs);
    await inTurns(CONCURRENT, [...chunksOf(instances)], async ({ first, texts }) => {
      try {
        const read = readAnswer(await ask(texts, signal, options), kind, texts.length);
        version = read.version ?? version;
        read.predictions.forEach((prediction, i) => {
          answers[first + i] = prediction;
        });
      } catch (error) {
        failures++;
        log(WARNING, 'detect', 'the models did not answer; rules and baselines decide', missedFields(error));
      }
    });
    if (failures === 0) breaker.succeeded();
    else breaker.failed(clock());
    return { version, answers };
  }

  return {
    windows: (instances) => predict('windows', instances.map(packed)),
    messages: (instances) => predict('message', instances),
  };
}

/** As models/serving/instance.ts reads it fastest: float32, little end first, in base64. */
function packed({ service, windows }: WindowsInstance): {
  readonly service: string;
  readonly packed: string;
} {
  const bytes = Buffer.allocUnsafe(windows.reduce((count, { length }) => count + 4 * length, 0));
  let at = 0;
  for (const features of windows) for (const value of features) at = bytes.writeFloatLE(value, at);
  return { service, packed: bytes.toString('base64') };
}

interface Chunk {
  /** Index of its first instance. */
  readonly first: number;
  readonly texts: readonly string[];
}

/** Instances as JSON, in groups below the size of a request; one that is too large by itself goes alone. */
export function* chunksOf(instances: readonly unknown[]): Generator<Chunk> {
  let first = 0;
  let texts: string[] = [];
  let bytes = 0;
  for (const [index, instance] of instances.entries()) {
    const text = JSON.stringify(instance);
    const size = Buffer.byteLength(text) + 1;
    if (texts.length > 0 && (bytes + size > MAX_CHUNK_CHARS || texts.length >= MAX_CHUNK_INSTANCES)) {
      yield { first, texts };
      first = index;
      texts = [];
      bytes = 0;
    }
    texts.push(text);
    bytes += size;
  }
  if (texts.length > 0) yield { first, texts };
}

async function ask(
  texts: readonly string[],
  signal: AbortSignal,
  options: EndpointOptions,
): Promise<unknown> {
  const authorization = await within(options.authorization(), signal);
  const response = await fetch(options.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) },
    body: `{"instances":[${texts.join()}]}`,
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new BadAnswer(String(response.status), `the endpoint answers ${response.status}`);
  }
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadAnswer('json', 'the endpoint answers something else than JSON');
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new BadAnswer('size', `an answer over ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

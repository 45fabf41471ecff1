/**
 * The three models of a set, loaded, warmed up, and asked in batches. Answers to messages are kept by their pieces:
 * numbers and ids are placeholders there, so that all lines of a pattern have one answer.
 */
import { type ArtifactSet, type Manifest, readArtifacts } from '../artifact.ts';
import { classifyPieces } from '../bert/classifier.ts';
import { type Tokenizer, tokenizerOf } from '../bert/word-piece.ts';
import { FEATURES, SEQUENCE } from '../features.ts';
import { createScorer, type Scorer } from '../forest/score.ts';
import { decodeForest } from '../forest/stored.ts';
import { floatsOf, type InferenceSession, openSession, tensors } from '../graph/runtime.ts';
import { createBatcher } from './batcher.ts';
import type { Instance, WindowsInstance } from './instance.ts';

export interface WindowsPrediction {
  readonly service: string | null;
  /** Probability of an incident within the horizon. */
  readonly failure: number;
  readonly failing: boolean;
  /** From which probability on it is failing, and from which score on it is anomalous. */
  readonly thresholds: { readonly failure: number; readonly anomaly: number };
  /** Score of the isolation forest, 0 to 1. */
  readonly anomaly: number;
  readonly anomalous: boolean;
  /** The features that had most to do with the score, most first. */
  readonly reasons: readonly string[];
}

export interface MessagePrediction {
  readonly category: string;
  /** Probability of the category. */
  readonly confidence: number;
}

export type Prediction = WindowsPrediction | MessagePrediction;

export interface Predictor {
  readonly manifest: Manifest;
  /** Predictions in the order of the instances. */
  predict(instances: readonly Instance[]): Promise<Prediction[]>;
  /** Messages answered without asking the model. */
  readonly cacheHits: number;
  /** Answers what was asked, then lets the models go. */
  close(): Promise<void>;
}

const MAX_BATCH = 256;
const CACHE_SIZE = 10_000;
const REASONS = 3;
const WIDTH = FEATURES.length;

/** Loads a set of models from a folder. Throws ArtifactError, or what ONNX Runtime says. */
export const loadPredictor = async (artifactsDir: string): Promise<Predictor> =>
  predictorOf(await readArtifacts(artifactsDir));

/** Loads a set of models. Throws what ONNX Runtime says. */
export async function predictorOf(set: ArtifactSet): Promise<Predictor> {
  const { manifest } = set;
  const [forest, lstm, bert] = await Promise.all(
    [manifest.forest, manifest.lstm, manifest.bert].map(({ file }) => openSession(set.files.get(file.name)!)),
  );
  const predictor = new LoadedPredictor(set, { forest: forest!, lstm: lstm!, bert: bert! });
  await warmUp(predictor);
  return predictor;
}

interface Sessions {
  readonly forest: InferenceSession;
  readonly lstm: InferenceSession;
  readonly bert: InferenceSession;
}

class LoadedPredictor implements Predictor {
  readonly manifest: Manifest;
  cacheHits = 0;
  readonly #sessions: Sessions;
  readonly #tokenizer: Tokenizer;
  readonly #scorer: Scorer;
  readonly #cache = new Map<string, MessagePrediction>();
  readonly #unanswered = new Set<Promise<Prediction[]>>();
  readonly #windows = createBatcher(
    (items: readonly WindowsInstance[]) => this.#predictWindows(items),
    MAX_BATCH,
  );
  readonly #messages = createBatcher(
    (items: readonly (readonly number[])[]) => this.#predictPieces(items),
    MAX_BATCH,
  );

  constructor(set: ArtifactSet, sessions: Sessions) {
    this.manifest = set.manifest;
    this.#sessions = sessions;
    const { bert, forest } = set.manifest;
    this.#tokenizer = tokenizerOf(JSON.parse(String(set.files.get(bert.pieces.name))) as string[]);
    this.#scorer = createScorer(decodeForest(JSON.parse(String(set.files.get(forest.trees.name)))));
  }

  async predict(instances: readonly Instance[]): Promise<Prediction[]> {
    const answer = this.#answer(instances);
    this.#unanswered.add(answer);
    try {
      return await answer;
    } finally {
      this.#unanswered.delete(answer);
    }
  }

  async #answer(instances: readonly Instance[]): Promise<Prediction[]> {
    const windows = instances.filter((one) => one.kind === 'windows');
    const messages = instances.filter((one) => one.kind === 'message');
    const [byWindows, byMessage] = await Promise.all([
      this.#windows.submit(windows),
      this.#classify(messages.map(({ message }) => message)),
    ]);
    const [nextWindows, nextMessage] = [byWindows.values(), byMessage.values()];
    return instances.map(({ kind }) => (kind === 'windows' ? nextWindows : nextMessage).next().value!);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#unanswered);
    await Promise.all(Object.values(this.#sessions).map((session: InferenceSession) => session.release()));
  }

  async #predictWindows(items: readonly WindowsInstance[]): Promise<WindowsPrediction[]> {
    const make = await tensors();
    const sequences = new Float32Array(items.length * SEQUENCE * WIDTH);
    const newest = new Float32Array(items.length * WIDTH);
    for (const [row, { values }] of items.entries()) {
      sequences.set(values, row * values.length);
      newest.set(values.subarray(values.length - WIDTH), row * WIDTH);
    }
    const [failures, scores] = await Promise.all([
      this.#sessions.lstm.run({ x: make.floats(sequences, [items.length, SEQUENCE, WIDTH]) }),
      this.#sessions.forest.run({ x: make.floats(newest, [items.length, WIDTH]) }),
    ]);
    const failure = floatsOf(failures, 'p');
    const anomaly = floatsOf(scores, 'score');
    const { lstm, forest } = this.manifest;
    const thresholds = { failure: lstm.threshold, anomaly: forest.threshold };
    return items.map(({ service }, row) => {
      const anomalous = anomaly[row]! > forest.threshold;
      return {
        service,
        failure: failure[row]!,
        failing: failure[row]! > lstm.threshold,
        thresholds,
        anomaly: anomaly[row]!,
        anomalous,
        reasons: anomalous ? this.#reasons(newest.subarray(row * WIDTH, (row + 1) * WIDTH)) : [],
      };
    });
  }

  #reasons(features: Float32Array): string[] {
    const blame = this.#scorer.blame(features);
    const order = FEATURES.map((name, index) => ({ name, blame: blame[index]! }));
    return order
      .sort((a, b) => b.blame - a.blame)
      .slice(0, REASONS)
      .map(({ name }) => name);
  }

  async #classify(messages: readonly string[]): Promise<MessagePrediction[]> {
    const asked = messages.map((message) => {
      const pieces = this.#tokenizer.encode(message);
      const key = pieces.join();
      return { pieces, key, known: this.#cache.get(key) };
    });
    const missing = new Map(asked.filter(({ known }) => !known).map(({ key, pieces }) => [key, pieces]));
    this.cacheHits += messages.length - missing.size;
    const fresh = await this.#messages.submit([...missing.values()]);
    const found = new Map([...missing.keys()].map((key, index) => [key, fresh[index]!]));
    for (const [key, answer] of found) this.#keep(key, answer);
    return asked.map(({ key, known }) => known ?? found.get(key)!);
  }

  async #predictPieces(items: readonly (readonly number[])[]): Promise<MessagePrediction[]> {
    const { categories } = this.manifest.bert;
    return (await classifyPieces(this.#sessions.bert, items)).map((probabilities) => {
      const confidence = Math.max(...probabilities);
      return { category: categories[probabilities.indexOf(confidence)]!, confidence };
    });
  }

  /** Oldest out first. */
  #keep(key: string, answer: MessagePrediction): void {
    if (this.#cache.size >= CACHE_SIZE) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.set(key, answer);
  }
}

/** The first run of a model allocates; nobody should wait for that. */
async function warmUp(predictor: Predictor): Promise<void> {
  const values = new Float32Array(SEQUENCE * WIDTH);
  for (const count of [1, 64]) {
    const windows = Array.from({ length: count }, () => ({
      kind: 'windows' as const,
      service: null,
      values,
    }));
    await predictor.predict(windows);
    await predictor.predict([{ kind: 'message', message: `warm-up ${'word '.repeat(count)}` }]);
  }
}

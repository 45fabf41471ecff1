/**
 * The models in the function itself: what the endpoint's container runs (models/serving), without a container to pay for.
 *
 * Guarantee: never rejects; a set that cannot be loaded or run leaves null, and whoever asked decides without. Which sets
 * judge is looked up every minute; those before go when the next are there and what was asked of them is answered. A set
 * that cannot be loaded leaves its share to the others, and what judges goes on.
 * Under pressure: a run takes the event loop, some 15 ms for 512 services; so many are one run, and other calls come in
 * between. The deadline ends waiting, not a run.
 */
import { ArtifactError } from '../../models/artifact.ts';
import { readInstances } from '../../models/serving/instance.ts';
import type { Predictor } from '../../models/serving/predictor.ts';
import { errorFields, log } from '../log.ts';
import { ERROR, INFO, WARNING } from '../parse/severity.ts';
import { type Kinds, readAnswer } from './model-answer.ts';
import type { ModelClient, Predictions } from './model-client.ts';
import { chosen, ONLY_SHIPPED, type Traffic } from './served-sets.ts';
import { missedFields, within } from './within.ts';

export interface ProcessOptions {
  /** Which sets judge. Rejects: those that do go on. */
  readonly traffic: () => Promise<Traffic>;
  /** Rejects when the set cannot be loaded. */
  readonly load: (set: string) => Promise<Predictor>;
  readonly deadlineMs: number;
  readonly clock: () => number;
  /** In [0, 1): chooses among sets. */
  readonly chance?: () => number;
}

const CHECK_MS = 60_000;
/** As the endpoint is asked. */
const CHUNK_INSTANCES = 512;

/** Begins to load at once; who asks earlier waits, up to the deadline. */
export function processModels(options: ProcessOptions): ModelClient {
  const sets = new LoadedSets(options);
  void sets.one();

  async function predict<K extends keyof Kinds>(
    kind: K,
    instances: readonly unknown[],
  ): Promise<Predictions<Kinds[K]>> {
    const answers = new Array<Kinds[K] | null>(instances.length).fill(null);
    if (instances.length === 0) return { version: null, answers };
    const signal = AbortSignal.timeout(options.deadlineMs);
    let version: string | null = null;
    const missed = (error: unknown): void =>
      log(WARNING, 'detect', 'the models did not answer; rules and baselines decide', missedFields(error));
    try {
      const models = await within(sets.one(), signal);
      if (models === null) return { version, answers };
      // All are asked before any is answered: a set that goes answers what it was asked.
      const asked = chunksOf(instances).map(async ({ first, chunk }) => {
        const predictions = await within(models.predict(readInstances({ instances: chunk })), signal);
        const read = readAnswer({ predictions, modelVersionId: models.manifest.version }, kind, chunk.length);
        version = read.version;
        read.predictions.forEach((prediction, i) => {
          answers[first + i] = prediction;
        });
      });
      await Promise.all(asked.map((one) => one.catch(missed)));
    } catch (error) {
      missed(error);
    }
    return { version, answers };
  }

  return {
    windows: (instances) => predict('windows', instances),
    messages: (instances) => predict('message', instances),
  };
}

const chunksOf = (instances: readonly unknown[]) =>
  Array.from({ length: Math.ceil(instances.length / CHUNK_INSTANCES) }, (_, i) => ({
    first: i * CHUNK_INSTANCES,
    chunk: instances.slice(i * CHUNK_INSTANCES, (i + 1) * CHUNK_INSTANCES),
  }));

class LoadedSets {
  readonly #options: ProcessOptions;
  readonly #loaded = new Map<string, Predictor>();
  /** Of those that are loaded alone. */
  #traffic: Traffic = {};
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | null = null;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** The set that is to judge now; null: none can be loaded. */
  async one(): Promise<Predictor | null> {
    const { clock, chance = Math.random } = this.#options;
    const nowMs = clock();
    if (this.#checking === null && nowMs - this.#checkedAtMs >= CHECK_MS) {
      this.#checkedAtMs = nowMs;
      this.#checking = this.#check().finally(() => {
        this.#checking = null;
      });
    }
    if (this.#loaded.size === 0) await this.#checking;
    return this.#loaded.get(chosen(this.#traffic, chance()) ?? '') ?? null;
  }

  /** Brings what is loaded to what is to judge. Never rejects. */
  async #check(): Promise<void> {
    const wanted = await this.#options.traffic().catch((error: unknown) => {
      log(
        WARNING,
        'detect',
        'which models are to judge is not known; those that do go on',
        missedFields(error),
      );
      return this.#traffic;
    });
    const next =
      (await this.#usable(wanted)) ??
      (await this.#usable(this.#traffic)) ??
      (await this.#usable(ONLY_SHIPPED));
    this.#traffic = next ?? {};
    for (const [id, predictor] of this.#loaded)
      if (!(id in this.#traffic)) {
        this.#loaded.delete(id);
        await predictor.close();
      }
  }

  /** What of it can be loaded; null: nothing. */
  async #usable(traffic: Traffic): Promise<Traffic | null> {
    const usable: [string, number][] = [];
    for (const [id, percent] of Object.entries(traffic))
      if (percent > 0 && (await this.#load(id))) usable.push([id, percent]);
    return usable.length === 0 ? null : Object.fromEntries(usable);
  }

  async #load(id: string): Promise<boolean> {
    if (this.#loaded.has(id)) return true;
    try {
      const predictor = await this.#options.load(id);
      this.#loaded.set(id, predictor);
      log(INFO, 'detect', 'models loaded', { set: id, version: predictor.manifest.version });
      return true;
    } catch (error) {
      const why = error instanceof ArtifactError ? { detail: error.message } : errorFields(error);
      log(ERROR, 'detect', 'models cannot be loaded; rules and baselines decide', { set: id, ...why });
      return false;
    }
  }
}

/**
 * The models in the process as the settings name them: the set that the function was deployed with, and those of the
 * models' bucket that drift lets judge (served-sets.ts).
 */
import { artifactsFrom } from '../../models/artifact.ts';
import { loadPredictor, type Predictor, predictorOf } from '../../models/serving/predictor.ts';
import { openBucket } from '../clients.ts';
import { wallClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { catalogueInBucket } from '../parse/pattern/catalogue-store.ts';
import type { ModelClient } from './model-client.ts';
import { modelFile, SERVING } from './model-folder.ts';
import { processModels } from './process-models.ts';
import { ONLY_SHIPPED, readServed, SHIPPED, type Traffic } from './served-sets.ts';
import { shippedDir, shippedVersion } from './shipped-models.ts';

/** `dir`: the set that the function was deployed with. */
export function openProcessModels(config: Config, dir = shippedDir()): ModelClient {
  const served = config.modelBucket === null ? null : servedIn(config, dir);
  return processModels({
    traffic: async () => served?.traffic() ?? ONLY_SHIPPED,
    load: (set) => (set === SHIPPED || served === null ? loadPredictor(dir) : served.load(set)),
    deadlineMs: config.modelDeadlineMs,
    clock: wallClock,
  });
}

/** The sets of the bucket; without one no client is loaded. */
function servedIn(config: Config, dir: string) {
  const bucket = openBucket(config, config.modelBucket!);
  bucket.catch(() => undefined);
  return {
    async traffic(): Promise<Traffic> {
      const stored = await catalogueInBucket(await bucket, SERVING).read(null);
      const text = stored === null || stored === 'same' ? null : stored.text;
      return readServed(text, await shippedVersion(dir)).traffic;
    },
    async load(version: string): Promise<Predictor> {
      const from = await bucket;
      return predictorOf(
        await artifactsFrom(async (name) => (await from.file(modelFile(version, name)).download())[0]),
      );
    },
  };
}

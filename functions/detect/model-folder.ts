/**
 * The folder of models in Cloud Storage, the same for a deployment, a training job and drift:
 *
 *     models/VERSION/model/…             a set of models, with manifest.json and reference.json
 *     models/VERSION/model/evaluation.json   what the training job measured, beside what served then
 *     models/VERSION/own-windows.json    what it learned beside the generator's logs
 *     models/retraining.json             where retraining stands (retraining.ts)
 *     models/serving.json                which sets judge, where they run in the functions (served-sets.ts)
 */
export const SERVING = 'models/serving.json';
export const RETRAINING = 'models/retraining.json';
export const ownWindowsName = (version: string): string => `models/${version}/own-windows.json`;
export const outputUri = (bucket: string, version: string): string => `gs://${bucket}/models/${version}`;
export const modelFile = (version: string, name: string): string => `models/${version}/model/${name}`;

/** What a JSON file of it holds; null: there is none, or it is none. */
export function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

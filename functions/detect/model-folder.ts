/**
 * The folder of models in Cloud Storage, the same for a deployment, a training job and drift:
 *
 *     models/VERSION/model/…             a set of models, with manifest.json and reference.json
 *     models/VERSION/model/evaluation.json   what the training job measured, beside what served then
 *     models/VERSION/own-windows.json    what it learned beside the generator's logs
 *     models/retraining.json             where retraining stands (retraining.ts)
 */
import type { Bucket } from '@google-cloud/storage';

export const RETRAINING = 'models/retraining.json';
export const ownWindowsName = (version: string): string => `models/${version}/own-windows.json`;
export const outputUri = (bucket: string, version: string): string => `gs://${bucket}/models/${version}`;
export const artifactUri = (bucket: string, version: string): string => `${outputUri(bucket, version)}/model`;
export const modelFile = (version: string, name: string): string => `models/${version}/model/${name}`;

/** A JSON file; null: there is none. */
export async function readJson(bucket: Pick<Bucket, 'file'>, name: string): Promise<unknown> {
  try {
    const [content] = await bucket.file(name).download();
    return JSON.parse(content.toString('utf8'));
  } catch (error) {
    if ((error as { code?: unknown }).code === 404) return null;
    throw error;
  }
}

export async function writeJson(bucket: Pick<Bucket, 'file'>, name: string, value: unknown): Promise<void> {
  await bucket.file(name).save(JSON.stringify(value), { resumable: false, contentType: 'application/json' });
}

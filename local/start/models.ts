/**
 * The models of the repository → the bucket of models, as a deployment does: there drift finds what they learned from,
 * and a training job those that serve. A version that is there already is left alone.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { modelFile } from '../../functions/detect/model-folder.ts';
import { MANIFEST, readArtifacts } from '../../models/artifact.ts';
import type { Endpoints } from '../endpoints.ts';

/** Uploads a set; its manifest last. Without a set nothing is done: rules and baselines judge. */
export async function uploadModels(
  dir: string,
  { projectId, storage, stateBucket }: Pick<Endpoints, 'projectId' | 'storage' | 'stateBucket'>,
): Promise<void> {
  const set = await readArtifacts(dir).catch(() => null);
  if (set === null) return;
  const { version } = set.manifest;
  const bucket = new Storage({ projectId, apiEndpoint: storage }).bucket(stateBucket);
  const [exists] = await bucket.file(modelFile(version, MANIFEST)).exists();
  if (exists) return;
  const upload = (name: string) =>
    bucket.upload(join(dir, name), { destination: modelFile(version, name), resumable: false });
  const names = (await readdir(dir)).filter((name) => name !== MANIFEST);
  await Promise.all(names.map(upload));
  await upload(MANIFEST);
}

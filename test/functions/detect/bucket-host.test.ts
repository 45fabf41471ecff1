import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bucket, Storage } from '@google-cloud/storage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../functions/config.ts';
import { bucketHost } from '../../../functions/detect/bucket-host.ts';
import type { ModelClient } from '../../../functions/detect/model-client.ts';
import { modelFile, SERVING } from '../../../functions/detect/model-folder.ts';
import { openProcessModels } from '../../../functions/detect/open-process-models.ts';
import { readServed } from '../../../functions/detect/served-sets.ts';
import type { ModelHost } from '../../../functions/detect/vertex.ts';
import { catalogueInBucket } from '../../../functions/parse/pattern/catalogue-store.ts';
import { type StorageService, startStorage } from '../../../local/storage/service.ts';
import { artifactsFrom } from '../../../models/artifact.ts';
import { FEATURES } from '../../../models/features.ts';
import { writeTinyArtifacts } from '../../models/tiny-artifacts.ts';

let folder: string;
let service: StorageService;
let bucket: Bucket;
let lines: string[];

const dirOf = (seed: number): string => join(folder, `tiny-${seed}`);
/** As a training job does. */
async function put(seed: number, version = `tiny-${seed}`): Promise<void> {
  for (const name of await readdir(dirOf(seed)))
    await bucket.upload(join(dirOf(seed), name), {
      destination: modelFile(version, name),
      resumable: false,
    });
}
const hostOf = (shipped = 'tiny-1'): ModelHost =>
  bucketHost({
    store: catalogueInBucket(bucket, SERVING),
    shipped,
    check: (version) =>
      artifactsFrom(async (name) => (await bucket.file(modelFile(version, name)).download())[0]),
  });

beforeEach(async () => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  folder = await mkdtemp(join(tmpdir(), 'bucket-host-'));
  for (const seed of [1, 2]) await writeTinyArtifacts(dirOf(seed), seed);
  service = await startStorage({ port: 0, dataDir: join(folder, 'storage') });
  process.env.STORAGE_EMULATOR_HOST = `http://127.0.0.1:${service.port}`;
  [bucket] = await new Storage({ projectId: 'p' }).createBucket('models');
});
afterEach(async () => {
  vi.restoreAllMocks();
  delete process.env.STORAGE_EMULATOR_HOST;
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

/** An instance of close that was deployed with a set. */
function instance(seed = 1): ModelClient {
  const env = { LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/', LOGWEIR_MODELS: 'process' };
  const config = loadConfig({ ...env, LOGWEIR_MODEL_BUCKET: 'models', LOGWEIR_MODEL_DEADLINE: '30s' });
  return openProcessModels(config, dirOf(seed));
}
const judging = async (models: ModelClient) =>
  (await models.windows([{ service: 'auth', windows: [FEATURES.map(() => 1)] }])).version;

/** A canary, as a retraining brings it. */
async function deploySecond(host: ModelHost): Promise<string> {
  const uploaded = await host.uploadModel('logweir-tiny-2', 'gs://models/models/tiny-2/model', 'image');
  const model = await host.operation(uploaded.name);
  const deployed = await host.deploy(model.result!, 'logweir-tiny-2', { percent: 10, main: 'shipped' });
  return (await host.operation(deployed.name)).result!;
}

describe('models that are deployed by an object of the bucket', () => {
  it('are those of the deployment at first; then a canary, all traffic, and a roll-back', async () => {
    const host = hostOf();
    expect(await host.endpoint()).toEqual({
      deployed: [{ id: 'shipped', model: '', displayName: 'logweir-tiny-1' }],
      traffic: { shipped: 100 },
    });
    expect(await judging(instance())).toBe('tiny-1');
    await put(2);
    const second = await deploySecond(host);
    expect((await host.endpoint()).traffic).toEqual({ shipped: 90, [second]: 10 });
    vi.spyOn(Math, 'random').mockReturnValue(0.95);
    expect(await judging(instance())).toBe('tiny-2');
    vi.spyOn(Math, 'random').mockReturnValue(0.05);
    expect(await judging(instance())).toBe('tiny-1');

    await host.setTraffic({ shipped: 0, [second]: 100 });
    expect(await judging(instance())).toBe('tiny-2');
    await host.setTraffic({ shipped: 100, [second]: 0 });
    expect(await judging(instance())).toBe('tiny-1');
    await host.undeploy(second);
    expect((await host.endpoint()).deployed.map(({ id }) => id)).toEqual(['shipped']);
  });

  it('give way to a deployment with another set', async () => {
    await put(2);
    await deploySecond(hostOf());
    await hostOf().setTraffic({ 'tiny-2': 100 });
    expect(await judging(instance())).toBe('tiny-2');
    await writeTinyArtifacts(dirOf(3), 3);
    expect(await judging(instance(3))).toBe('tiny-3');
    expect((await hostOf('tiny-3').endpoint()).traffic).toEqual({ shipped: 100 });
  });

  it('are refused before they judge when a file is not what was made', async () => {
    await cp(dirOf(2), dirOf(4), { recursive: true });
    await writeFile(join(dirOf(4), 'bert.onnx'), 'garbage');
    await put(4, 'tiny-2');
    const { name } = await hostOf().uploadModel('logweir-tiny-2', 'gs://models/models/tiny-2/model', 'i');
    expect(await hostOf().operation(name)).toMatchObject({
      ...{ done: true, result: null },
      failure: expect.stringContaining('bert.onnx'),
    });
  });

  it('are deployed once, however often that is asked for', async () => {
    await put(2);
    const host = hostOf();
    await deploySecond(host);
    await deploySecond(host);
    expect((await host.endpoint()).deployed.map(({ id }) => id)).toEqual(['shipped', 'tiny-2']);
  });

  it('get no traffic when they are not deployed, and are not taken off while they have any', async () => {
    await put(2);
    const host = hostOf();
    await expect(host.setTraffic({ other: 100 })).rejects.toThrow('other is not deployed');
    await deploySecond(host);
    await expect(host.undeploy('tiny-2')).rejects.toThrow('still has traffic');
  });

  it('are changed by one of two at once; the other is told', async () => {
    await put(2);
    const results = await Promise.allSettled([deploySecond(hostOf()), deploySecond(hostOf())]);
    const failed = results.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    expect(failed.every((code) => code === 'CONFLICT')).toBe(true);
    expect(failed.length).toBeLessThan(2);
    expect((await hostOf().endpoint()).traffic).toEqual({ shipped: 90, 'tiny-2': 10 });
  });

  it('an object that is garbage is none', () => {
    for (const text of ['', '{', '[]', '{"shipped":"a"}'])
      expect(readServed(text, 'a').traffic).toEqual({ shipped: 100 });
  });
});

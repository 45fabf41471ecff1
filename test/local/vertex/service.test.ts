import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endpointModels } from '../../../functions/detect/endpoint-models.ts';
import { chosen } from '../../../functions/detect/served-sets.ts';
import { openVertex, type Vertex } from '../../../functions/detect/vertex.ts';
import type { LocalService } from '../../../local/service.ts';
import { startStorage } from '../../../local/storage/service.ts';
import { startVertex } from '../../../local/vertex/service.ts';
import { FEATURES } from '../../../models/features.ts';
import { writeTinyArtifacts } from '../../models/tiny-artifacts.ts';

const INSTANCE = { service: 'auth', windows: [FEATURES.map(() => 1)] };

let folder: string;
let storage: LocalService;
let service: LocalService;
let chance: number;

const start = async (script = 'process.exit(0)'): Promise<void> => {
  service = await startVertex({
    port: 0,
    dataDir: join(folder, 'vertex'),
    artifactsDir: join(folder, 'first'),
    storageEndpoint: `http://127.0.0.1:${storage.port}`,
    images: { 'logweir-training': ['-e', script, '--'] },
    chance: () => chance,
  });
};

const parent = (): string => `http://127.0.0.1:${service.port}/v1/projects/p/locations/l`;
const client = (): Vertex =>
  openVertex({ parent: parent(), endpoint: 'models', authorization: async () => null });

beforeEach(async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  folder = await mkdtemp(join(tmpdir(), 'vertex-'));
  storage = await startStorage({ port: 0, dataDir: join(folder, 'storage') });
  await writeTinyArtifacts(join(folder, 'first'), 1);
  await writeTinyArtifacts(join(folder, 'second'), 2);
  chance = 0.5;
});

afterEach(async () => {
  vi.restoreAllMocks();
  await service?.close();
  await storage.close();
  await rm(folder, { recursive: true, force: true });
});

/** Version of the models that answer a request. */
async function versionAt(at: number): Promise<string | null> {
  chance = at;
  const models = endpointModels({
    ...{ url: `${parent()}/endpoints/models:predict`, deadlineMs: 10_000, clock: () => 0 },
    authorization: async () => null,
  });
  return (await models.windows([INSTANCE])).version;
}

async function upload(name: string, change: (file: string) => boolean = () => true): Promise<string> {
  const bucket = new Storage({
    projectId: 'p',
    apiEndpoint: `http://127.0.0.1:${storage.port}`,
  }).bucket('state');
  await bucket.create().catch(() => undefined);
  for (const file of await readdir(join(folder, name)))
    if (change(file))
      await bucket.upload(join(folder, name, file), {
        destination: `models/${name}/${file}`,
        resumable: false,
      });
  return `gs://state/models/${name}`;
}

describe('the endpoint on the laptop', () => {
  it('answers with the models of the repository, then takes a canary, all traffic, and a roll-back', async () => {
    await start();
    const vertex = client();
    expect(await versionAt(0.5)).toBe('tiny-1');
    const model = await vertex.uploadModel('logweir-two', await upload('second'), 'logweir-serving');
    expect(model).toMatchObject({ done: true, failure: null });
    const [main] = (await vertex.endpoint()).deployed;
    const deployed = await vertex.deploy(model.result!, 'logweir-two', { percent: 10, main: main!.id });
    for (const operation of [model, deployed])
      expect(await vertex.operation(operation.name)).toEqual(operation);
    expect((await vertex.endpoint()).traffic).toEqual({ [main!.id]: 90, [deployed.result!]: 10 });
    // Traffic is listed in the order of ids.
    expect([await versionAt(0.05), await versionAt(0.95)]).toEqual(['tiny-1', 'tiny-2']);
    await vertex.setTraffic({ [main!.id]: 0, [deployed.result!]: 100 });
    expect(await versionAt(0)).toBe('tiny-2');

    await service.close();
    await start();
    expect(await versionAt(0)).toBe('tiny-2');
    await client().setTraffic({ [main!.id]: 100, [deployed.result!]: 0 });
    await client().undeploy(deployed.result!);
    expect((await client().endpoint()).deployed.map(({ id }) => id)).toEqual([main!.id]);
    expect(await versionAt(0.99)).toBe('tiny-1');
  });

  it('refuses a corrupt set of models, and goes on with those it has', async () => {
    await start();
    await writeFile(join(folder, 'second', 'lstm.onnx'), 'garbage');
    const model = await client().uploadModel('logweir-two', await upload('second'), 'logweir-serving');
    await expect(client().deploy(model.result!, 'two', { percent: 10, main: '1' })).rejects.toThrow(
      'lstm.onnx',
    );
    expect(await versionAt(0.01)).toBe('tiny-1');
  });

  it('starts without models that can be loaded, and then answers nothing', async () => {
    await rm(join(folder, 'first', 'manifest.json'));
    await start();
    expect(await versionAt(0.5)).toBeNull();
  });

  it('says what is wrong with a request', async () => {
    await start();
    await expect(client().setTraffic({ 1: 50 })).rejects.toThrow('must add up to 100');
    await expect(client().setTraffic({ 9: 100 })).rejects.toThrow('9, which is not deployed');
    await expect(client().undeploy('1')).rejects.toThrow('still has traffic');
    await expect(client().uploadModel('x', 'gs://state/nothing', 'i')).rejects.toThrow('there are no files');
    await expect(client().deploy('models/77', 'x', { percent: 1, main: '1' })).rejects.toThrow('no model');
  });
});

describe('a training job on the laptop', () => {
  const run = (vertex: Vertex, image = 'europe-docker.pkg.dev/p/r/logweir-training:1') =>
    vertex.startJob({
      ...{ displayName: 'logweir-x', image, args: ['--seed', '7'] },
      ...{ outputUri: 'gs://state/models/x', serviceAccount: null },
    });

  it('is a process with the arguments and the folder of the job; its end is its state', async () => {
    // The job tells a server of the test what it was given, and ends when it is answered.
    const told: string[] = [];
    const listener = createServer((request, response) => {
      told.push(decodeURIComponent(request.url!));
      response.end();
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as { port: number };
    await start(
      `fetch('http://127.0.0.1:${port}/' + encodeURIComponent(process.argv.slice(1).join(' ') + ' ' + process.env.AIP_MODEL_DIR))`,
    );
    const vertex = client();
    const job = await run(vertex);
    await vi.waitFor(async () => expect(await vertex.jobState(job)).toBe('succeeded'), { timeout: 20_000 });
    expect(told).toEqual(['/--seed 7 gs://state/models/x/model/']);
    listener.close();
  });

  it('has failed when its process fails, or when the laptop stopped meanwhile', async () => {
    await start('process.exit(3)');
    const vertex = client();
    const job = await run(vertex);
    await vi.waitFor(async () => expect(await vertex.jobState(job)).toBe('failed'), { timeout: 20_000 });
    await service.close();
    await start('setInterval(() => {}, 1000)');
    const long = await run(client());
    expect(await client().jobState(long)).toBe('running');
    await service.close();
    await start();
    expect(await client().jobState(long)).toBe('failed');
  });

  it('is refused for an image that is not known', async () => {
    await start();
    await expect(run(client(), 'docker.io/other:2')).rejects.toThrow('allowed: logweir-training');
  });
});

it('requests are shared by percent', () => {
  const counts: Record<string, number> = {};
  for (let i = 0; i < 1000; i++) {
    const id = chosen({ a: 10, b: 0, c: 90 }, i / 1000)!;
    counts[id] = (counts[id] ?? 0) + 1;
  }
  expect(counts).toEqual({ a: 100, c: 900 });
  expect(chosen({}, 0)).toBeNull();
});

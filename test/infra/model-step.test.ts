import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { v1 } from '@google-cloud/aiplatform';
import * as pulumi from '@pulumi/pulumi';
import { GoogleAuth, PassThroughClient } from 'google-auth-library';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelProvider } from '../../infra/model-step.ts';
import {
  deleteModel,
  deployModel,
  labelOf,
  type ModelDeployment,
  readModel,
  sharedTraffic,
  updateModel,
  type VertexClients,
} from '../../infra/steps/model-deployment.ts';
import { type FakeVertex, startFakeVertex } from './fake-vertex.ts';

const INFRA = fileURLToPath(new URL('../../infra/', import.meta.url));
const WANTED: ModelDeployment = {
  ...{ project: 'my-project', region: 'europe-west1', endpoint: '7', version: '20261121-120000-7' },
  ...{ image: 'europe-west1-docker.pkg.dev/p/r/serving:1', artifactUri: 'gs://b/models/1/model' },
  ...{ machineType: 'e2-standard-2', minReplicas: 1, maxReplicas: 3, trafficPercent: 100, kmsKey: null },
};

let vertex: FakeVertex;
let clients: VertexClients;

beforeEach(async () => {
  vertex = await startFakeVertex();
  const options = {
    ...{ fallback: true, protocol: 'http', apiEndpoint: '127.0.0.1', port: vertex.port },
    auth: new GoogleAuth({ authClient: new PassThroughClient() }),
  } as never;
  clients = {
    models: new v1.ModelServiceClient(options),
    endpoints: new v1.EndpointServiceClient(options),
  };
});
afterEach(() => vertex.close());

describe('the models of a stack', () => {
  it('are uploaded and deployed with all of the traffic, and machines that come when they are busy', async () => {
    const { model, deployedId } = await deployModel(clients, WANTED);
    expect(vertex.asked).toEqual(['upload', 'deploy']);
    expect(vertex.traffic).toEqual({ [deployedId]: 100 });
    expect(vertex.deployed.get(deployedId)).toMatchObject({
      model,
      dedicatedResources: {
        minReplicaCount: 1,
        maxReplicaCount: 3,
        machineSpec: { machineType: 'e2-standard-2' },
      },
    });
  });

  it('are neither uploaded nor deployed a second time', async () => {
    const first = await deployModel(clients, WANTED);
    expect(await deployModel(clients, WANTED)).toEqual(first);
    expect(vertex.asked).toEqual(['upload', 'deploy']);
  });

  it('are deployed without another upload when the deployment failed before', async () => {
    vertex.failNext = 'deploy';
    await expect(deployModel(clients, WANTED)).rejects.toThrow(/deploy fails/);
    await deployModel(clients, WANTED);
    expect(vertex.asked).toEqual(['upload', 'deploy', 'deploy']);
  });

  it('of another version serve beside what serves with their share', async () => {
    const old = await deployModel(clients, WANTED);
    const next = { ...WANTED, version: 'next', trafficPercent: 10 };
    const now = await updateModel(clients, { ...WANTED, ...old }, next);
    expect(vertex.traffic).toEqual({ [old.deployedId]: 90, [now.deployedId]: 10 });
    expect([...vertex.deployed.keys()]).toEqual([old.deployedId, now.deployedId]);
  });

  it('of another version take the place of the old ones when they get all of the traffic', async () => {
    const old = await deployModel(clients, WANTED);
    const now = await updateModel(clients, { ...WANTED, ...old }, { ...WANTED, version: 'next' });
    expect([...vertex.deployed.keys()]).toEqual([now.deployedId]);
    expect(vertex.traffic).toEqual({ [now.deployedId]: 100 });
    // To go back to.
    expect(vertex.models.has(old.model)).toBe(true);
  });

  it('get other bounds of machines where they are', async () => {
    const old = await deployModel(clients, WANTED);
    expect(await updateModel(clients, { ...WANTED, ...old }, { ...WANTED, maxReplicas: 5 })).toEqual(old);
    expect(vertex.deployed.get(old.deployedId)!.dedicatedResources.maxReplicaCount).toBe(5);
    expect(vertex.asked).toEqual(['upload', 'deploy', 'mutate']);
  });

  it('are found gone when drift has taken them off', async () => {
    const was = { ...WANTED, ...(await deployModel(clients, WANTED)) };
    expect(await readModel(clients, was)).not.toBeNull();
    vertex.deployed.clear();
    expect(await readModel(clients, was)).toBeNull();
  });

  it('go wholly, and going twice is fine', async () => {
    const was = { ...WANTED, ...(await deployModel(clients, WANTED)) };
    await deleteModel(clients, was);
    expect([vertex.deployed.size, vertex.models.size]).toEqual([0, 0]);
    await deleteModel(clients, was);
  });
});

describe('the traffic of an endpoint', () => {
  it.each([
    [{}, 10, { 0: 100 }],
    [{ 5: 100 }, 10, { 0: 10, 5: 90 }],
    [{ 5: 50, 6: 50 }, 25, { 0: 25, 5: 38, 6: 37 }],
    [{ 5: 100, 6: 0 }, 100, { 0: 100, 5: 0 }],
  ])('of %j with %i percent for what is new is %j', (now, percent, then) => {
    expect(sharedTraffic(now, percent)).toEqual(then);
    expect(Object.values(sharedTraffic(now, percent)).reduce((a, b) => a + b)).toBe(100);
  });
});

describe('the step of a deployment', () => {
  const run = async (asked: object): Promise<unknown> => {
    const child = promisify(execFile)(process.execPath, ['--import=tsx', 'steps/deploy-model.ts'], {
      cwd: INFRA,
    });
    child.child.stdin?.end(JSON.stringify(asked));
    return JSON.parse((await child).stdout);
  };

  it('does as a process what Pulumi asks for', async () => {
    const wanted = { ...WANTED, api: `127.0.0.1:${vertex.port}` };
    const done = (await run({ do: 'create', wanted })) as object;
    expect(done).toEqual({ model: expect.stringContaining('/models/'), deployedId: expect.any(String) });
    expect(await run({ do: 'delete', was: { ...wanted, ...done } })).toBeNull();
    expect(vertex.asked).toEqual(['upload', 'deploy', 'undeploy', 'delete']);
    await expect(run({ do: 'create', wanted: { ...wanted, image: 7 } })).rejects.toThrow(/image/);
  });

  it('changes versions and bounds in place, and nothing for a share alone', async () => {
    const diff = (news: object) => modelProvider.diff!('1', WANTED, { ...WANTED, ...news });
    expect(await diff({})).toMatchObject({ changes: false });
    expect(await diff({ trafficPercent: 50 })).toMatchObject({ changes: false });
    expect(await diff({ version: 'next' })).toMatchObject({ changes: true, replaces: [] });
    expect(await diff({ machineType: 'n1-standard-4' })).toMatchObject({ replaces: ['machineType'] });
  });

  it('needs nothing but the text that Pulumi stores of its provider', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'logweir-model-step-'));
    const { text, exportName } = await pulumi.runtime.serializeFunction(() => modelProvider);
    const file = join(folder, 'provider.cjs');
    await writeFile(file, text);
    const stored = createRequire(import.meta.url)(file)[exportName]() as typeof modelProvider;
    expect(await stored.diff!('1', WANTED, WANTED)).toMatchObject({ changes: false });
    await rm(folder, { recursive: true, force: true });
  });
});

describe('the label of a version', () => {
  it('holds what Google takes in a label alone', () => {
    expect(labelOf('2026-11-21T12:00Z')).toBe('2026-11-21t12_00z');
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveTarget } from '../../../local/ship/target.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'target-'));
});

afterEach(async () => {
  await rm(dataDir, { recursive: true });
});

const written = (endpoints: unknown): Promise<void> =>
  writeFile(join(dataDir, 'endpoints.json'), JSON.stringify(endpoints));
const resolved = (options: object = {}, env: Readonly<Record<string, string>> = {}) =>
  resolveTarget({ dataDir, env, ...options });

it('is the laptop cloud that runs here', async () => {
  await written({ pubsub: '127.0.0.1:8701', projectId: 'logweir-local', topic: 'logs', bigquery: 'x' });
  expect(await resolved()).toEqual({
    endpoint: '127.0.0.1:8701',
    project: 'logweir-local',
    topic: 'logs',
  });
});

it('says how to start one where none runs', async () => {
  await expect(resolved()).rejects.toThrow(/endpoints\.json does not exist\. Start one with "npm start"/);
});

it('is what was asked for, before the environment, before the laptop', async () => {
  await written({ pubsub: '127.0.0.1:1' });
  const env = { PUBSUB_EMULATOR_HOST: 'localhost:2' };
  expect(await resolved({}, env)).toMatchObject({ endpoint: 'localhost:2' });
  const asked = { endpoint: '127.0.0.1:3', project: 'p', topic: 't' };
  expect(await resolved(asked, env)).toEqual(asked);
  expect(await resolved({ project: 'p', topic: 't' })).toEqual({
    endpoint: '127.0.0.1:1',
    project: 'p',
    topic: 't',
  });
});

it('is Google where that is asked for, and then needs a project', async () => {
  const endpoint = 'pubsub.googleapis.com';
  expect(await resolved({ endpoint, project: 'p' })).toEqual({ endpoint: null, project: 'p', topic: 'logs' });
  await expect(resolved({ endpoint })).rejects.toThrow(/needs --project/);
});

it.each(['8701', 'localhost', '127.0.0.1:0', '127.0.0.1:70000', 'http://127.0.0.1:1'])(
  'refuses "%s" as an endpoint',
  async (endpoint) => {
    await expect(resolved({ endpoint })).rejects.toThrow(
      `--endpoint="${endpoint}" is not valid; allowed: HOST:PORT`,
    );
  },
);

it('refuses a file that names no endpoint', async () => {
  await written({});
  await expect(resolved()).rejects.toThrow(/does not name the laptop's Pub\/Sub/);
});

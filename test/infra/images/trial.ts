/**
 * Starts what an image starts, in a network of its own that has a loopback and nothing else (`unshare --net`), and asks
 * it what Vertex AI would: a prediction of the server, a training of the job. Prints what came of it as JSON.
 *
 *     unshare --net --pid --fork --kill-child tsx trial.ts serving|training COMMAND… CONTAINER -- ARGV…
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Storage } from '@google-cloud/storage';
import { modelSet } from '../../../infra/model-files.ts';
import { startStorage } from '../../../local/storage/service.ts';
import { FEATURES, SEQUENCE } from '../../../models/features.ts';
import { run } from './buildah.ts';

const PORT = 8080;
const HEALTH = '/v1/endpoints/1/deployedModels/2';
const PREDICT = `${HEALTH}:predict`;
const READY_MS = 120_000;

interface Container {
  /** `buildah …`, as far as the verb. */
  readonly command: readonly string[];
  readonly name: string;
  readonly argv: readonly string[];
}

function started({ command, name, argv }: Container, env: Record<string, string>, more: string[] = []) {
  const [program, ...args] = command;
  const set = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  return spawn(program!, [...args, 'run', '--isolation', 'chroot', ...set, name, '--', ...argv, ...more], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

/** The contract of Vertex AI: the port and the routes come by the environment. */
async function serve(container: Container): Promise<object> {
  const since = performance.now();
  const child = started(container, {
    ...{ AIP_HTTP_PORT: String(PORT), AIP_HEALTH_ROUTE: HEALTH, AIP_PREDICT_ROUTE: PREDICT },
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${code}`);
  });
  const ready = async (): Promise<void> => {
    while (!(await answers(`http://127.0.0.1:${PORT}${HEALTH}`))) {
      if (performance.now() - since > READY_MS) throw new Error('the server is not ready in time');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.race([ready(), ended]);
  const readyMs = Math.round(performance.now() - since);
  const quiet = Array.from({ length: SEQUENCE }, () => FEATURES.map(() => 0));
  const response = await fetch(`http://127.0.0.1:${PORT}${PREDICT}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      instances: [{ service: 'payment', windows: quiet }, { message: 'connection refused by 10.0.0.7:5432' }],
    }),
  });
  return { readyMs, status: response.status, answer: await response.json() };
}

/** A training of a hundredth of the size, from a bucket of the laptop's Cloud Storage to it. */
async function train(container: Container): Promise<object> {
  const dataDir = await mkdtemp(join(tmpdir(), 'logweir-training-'));
  const storage = await startStorage({ port: 0, dataDir });
  try {
    const apiEndpoint = `http://127.0.0.1:${storage.port}`;
    const bucket = new Storage({ apiEndpoint, projectId: 'my-project' }).bucket('models');
    await bucket.create();
    const { version, files } = modelSet();
    for (const { name, path } of files)
      await bucket.upload(path, { destination: `models/${version}/model/${name}`, resumable: false });
    const since = performance.now();
    const child = started(
      container,
      { AIP_MODEL_DIR: 'gs://models/models/new/model/', STORAGE_EMULATOR_HOST: apiEndpoint },
      ['--time', '2026-11-21T10:00:00.000Z', '--seed', '1', '--serving', version, '--scale', '0.01'],
    );
    const [code] = await once(child, 'exit');
    const [written] = await bucket.getFiles({ prefix: 'models/new/model/' });
    const seconds = Math.round((performance.now() - since) / 1000);
    return { code, seconds, files: written.map(({ name }) => name.split('/').at(-1)).sort() };
  } finally {
    await storage.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, ...rest] = process.argv.slice(2);
  const at = rest.indexOf('--');
  const command = rest.slice(0, at - 1);
  const container = { command, name: rest[at - 1]!, argv: rest.slice(at + 1) };
  await run(['ip', 'link', 'set', 'lo', 'up']);
  const found = await (kind === 'serving' ? serve(container) : train(container));
  console.log(`RESULT ${JSON.stringify(found)}`);
  // It is the first process of its own namespace: what still runs ends with it.
  process.exit(0);
}

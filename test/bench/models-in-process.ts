/**
 * What models in the process cost beside an endpoint: start of `close` as it is deployed (time till it answers, processor
 * time, memory, time till models are loaded), and one call for the services of a window, by both ways, in turns.
 * `npx tsx test/bench/models-in-process.ts [--starts 5] [--calls 100]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../functions/config.ts';
import { endpointModels } from '../../functions/detect/endpoint-models.ts';
import type { ModelClient } from '../../functions/detect/model-client.ts';
import { openProcessModels } from '../../functions/detect/open-process-models.ts';
import { bundleFunction } from '../../infra/bundle.ts';
import type { ModelPlace } from '../../infra/config.ts';
import { ARTIFACTS } from '../../models/command.ts';
import { FEATURES, SEQUENCE } from '../../models/features.ts';
import { random } from '../random.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FRAMEWORK = join(ROOT, 'node_modules/@google-cloud/functions-framework/build/src/main.js');
const { values } = parseArgs({
  options: { starts: { type: 'string', default: '5' }, calls: { type: 'string', default: '100' } },
});
const PLACES = ['endpoint', 'process'] as const;
const TICK_MS = 10;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
};

/** Processor time, ms, and memory, MB, of a process. */
async function usageOf({ pid }: ChildProcess): Promise<{ cpuMs: number; rssMb: number }> {
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    cpuMs: (Number(stat[11]) + Number(stat[12])) * TICK_MS,
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
  };
}

/** Starts `close` from its bundle; resolves when it has answered and, in the process, its models are loaded. */
async function startOnce(place: ModelPlace, folder: string) {
  const port = await freePort();
  const startMs = performance.now();
  const child = spawn(
    process.execPath,
    [FRAMEWORK, '--target=close', `--source=${folder}`, `--port=${port}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ...{ NODE_ENV: 'production', METADATA_SERVER_DETECTION: 'none', FUNCTION_TARGET: 'close' },
        ...{ FIRESTORE_EMULATOR_HOST: '127.0.0.1:1', LOGWEIR_BIGQUERY_WRITE_ENDPOINT: '127.0.0.1:1' },
        ...{ LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/', LOGWEIR_MODELS: place },
        ...{ LOGWEIR_MODEL_ENDPOINT: 'models', LOGWEIR_VERTEX_ENDPOINT: 'http://127.0.0.1:1' },
      },
    },
  );
  const loaded = new Promise<number>((resolve) => {
    if (place === 'endpoint') resolve(Number.NaN);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.includes('models loaded')) resolve(performance.now() - startMs);
    });
  });
  // A body that no timer sends: answered with 400, without any state.
  while ((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' }).catch(() => null)) === null)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const answersMs = performance.now() - startMs;
  const loadedMs = await loaded;
  const usage = await usageOf(child);
  child.kill();
  await once(child, 'exit');
  return { answersMs, loadedMs, ...usage };
}

async function starts(folder: string, count: number): Promise<void> {
  const bundles = new Map<ModelPlace, string>();
  for (const place of PLACES)
    bundles.set(place, (await bundleFunction('close', join(folder, place), place)).folder);
  const runs = new Map(PLACES.map((place) => [place, [] as Awaited<ReturnType<typeof startOnce>>[]]));
  for (let run = 0; run < count; run++)
    for (const place of PLACES) runs.get(place)!.push(await startOnce(place, bundles.get(place)!));
  for (const [place, all] of runs) {
    const of = (name: keyof (typeof all)[number]): string => median(all.map((one) => one[name])).toFixed(0);
    const loaded = place === 'process' ? `, models loaded after ${of('loadedMs')} ms` : '';
    console.log(
      `start of close, ${place}: answers after ${of('answersMs')} ms${loaded}; then ${of('cpuMs')} ms of processor time, ${of('rssMb')} MB`,
    );
  }
}

async function startContainer(port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'models/serving/main.ts')], {
    env: { ...process.env, AIP_HTTP_PORT: String(port), MODELS_DIR: ARTIFACTS },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const chunk of child.stdout!) if (String(chunk).includes('"ready"')) break;
  return child;
}

const draw = random(3);
const windowsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    service: `service-${i}`,
    windows: Array.from({ length: SEQUENCE }, () => FEATURES.map(() => draw() - 0.3)),
  }));

async function calls(count: number): Promise<void> {
  const port = await freePort();
  const container = await startContainer(port);
  const env = { LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/', LOGWEIR_MODELS: 'process' };
  const clients: Readonly<Record<ModelPlace, ModelClient>> = {
    endpoint: endpointModels({
      ...{ url: `http://127.0.0.1:${port}/predict`, deadlineMs: 30_000, clock: () => 0 },
      authorization: async () => null,
    }),
    process: openProcessModels(loadConfig({ ...env, LOGWEIR_MODEL_DEADLINE: '30s' }), ARTIFACTS),
  };
  for (const services of [64, 1000]) {
    const windows = windowsOf(services);
    const took = new Map(PLACES.map((place) => [place, { ms: [] as number[], cpuMs: [] as number[] }]));
    for (let call = -5; call < count; call++)
      for (const place of PLACES) {
        const cpu = process.cpuUsage();
        const startMs = performance.now();
        const { answers } = await clients[place].windows(windows);
        const ms = performance.now() - startMs;
        const { user, system } = process.cpuUsage(cpu);
        if (answers.includes(null)) throw new Error(`${place}: no answer`);
        if (call < 0) continue;
        took.get(place)!.ms.push(ms);
        took.get(place)!.cpuMs.push((user + system) / 1000);
      }
    for (const [place, { ms, cpuMs }] of took) {
      const p99 = ms.sort((a, b) => a - b)[Math.floor(ms.length * 0.99)]!;
      console.log(
        `${services} services × ${SEQUENCE} × ${FEATURES.length}, ${place}: p50 ${median(ms).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${median(cpuMs).toFixed(1)} ms of the caller's processor time`,
      );
    }
  }
  container.kill();
}

const folder = await mkdtemp(join(ROOT, 'node_modules/.cache/logweir/models-'));
try {
  await starts(folder, Number(values.starts));
  await calls(Number(values.calls));
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();

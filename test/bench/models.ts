/**
 * The models: a training step, inference, a forest's fit and scores, the prediction server under load. Where Debian's
 * scikit-learn and PyTorch are installed (python.ts), they do the same in the same run, and the ratio is printed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bertShape, categoryLoss, classifierModel } from '../../models/bert/network.ts';
import { ARTIFACTS } from '../../models/command.ts';
import { forestModel } from '../../models/forest/export.ts';
import { fitForest } from '../../models/forest/fit.ts';
import { createRandom } from '../../models/graph/random.ts';
import { type Feeds, openSession, tensors } from '../../models/graph/runtime.ts';
import { createTrainer, type Trainer } from '../../models/graph/trainer.ts';
import { PREDICTOR, predictorLoss, predictorModel } from '../../models/lstm/network.ts';
import { PEERS } from './models-peers.ts';
import { pythonWith } from './python.ts';

const PYTHONS = { sklearn: pythonWith('sklearn'), torch: pythonWith('torch') };
const random = createRandom(1);
const make = await tensors();
const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());

interface Times {
  readonly p50: number;
  readonly p99: number;
}

const timesOf = (durations: number[]): Times => {
  const sorted = durations.sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p99: at(0.99) };
};

async function time(count: number, work: () => unknown): Promise<Times> {
  for (let warm = 0; warm < Math.min(5, count); warm++) await work();
  const durations: number[] = [];
  for (let run = 0; run < count; run++) {
    const start = performance.now();
    await work();
    durations.push(performance.now() - start);
  }
  return timesOf(durations);
}

const ms = (value: number): string => `${value.toFixed(value < 1 ? 3 : 1)} ms`;

/** What Python's libraries take for the same; undefined where they are not installed, null: not asked. */
function peer(name: keyof typeof PEERS): number | undefined {
  const python = name.startsWith('forest') ? PYTHONS.sklearn : PYTHONS.torch;
  if (python === null) return undefined;
  const { stdout, status } = spawnSync(python.path, ['-c', PEERS[name]], { encoding: 'utf8' });
  const value = Number(stdout);
  return status === 0 && Number.isFinite(value) ? value : undefined;
}

function line(what: string, own: number, peerMs: number | null | undefined = null, peerName = ''): void {
  const missing = peerMs === null ? '' : `${peerName} not installed`;
  const beside =
    typeof peerMs === 'number' ? `${peerName} ${ms(peerMs)}, ${(peerMs / own).toFixed(1)} ×` : missing;
  console.log(`${what.padEnd(58)} ${ms(own).padStart(10)}   ${beside}`.trimEnd());
}

async function stepTime(trainer: Trainer, feeds: Feeds, count: number): Promise<number> {
  const { p50 } = await time(count, () => trainer.step(feeds, 1e-3));
  return p50;
}

async function lstm(): Promise<void> {
  const { steps, features, units, dense } = PREDICTOR;
  const batch = 256;
  const trainer = await createTrainer({
    random,
    loss: (graph, declare) => predictorLoss(graph, declare, { shape: PREDICTOR, batch, seed: 1 }),
  });
  const feeds = {
    x: make.floats(draw(steps * batch * features), [steps, batch, features]),
    target: make.floats(
      Float32Array.from({ length: batch }, () => random.below(2)),
      [batch, 1],
    ),
    weight: make.floats(new Float32Array(batch).fill(1), [batch, 1]),
  };
  const what = `training step, LSTM(${units}), ${batch} × ${steps} × ${features}`;
  line(what, await stepTime(trainer, feeds, 40), peer('lstmStep'), 'PyTorch');
  const standard = { mean: new Float32Array(features), deviation: new Float32Array(features).fill(1) };
  const calibration = { slope: 1, offset: 0 };
  const session = await openSession(
    predictorModel(trainer.weights(), { shape: PREDICTOR, standard, calibration }),
  );
  for (const rows of [1, 64]) {
    const x = make.floats(draw(rows * steps * features), [rows, steps, features]);
    const { p50 } = await time(300, () => session.run({ x }));
    const beside = rows === 1 ? peer('lstmOne') : null;
    line(`inference, LSTM(${units}) and dense ${dense}, batch ${rows}`, p50, beside, 'PyTorch');
  }
}

async function bert(): Promise<void> {
  const shape = bertShape(2000);
  const [batch, length, classes] = [32, 64, 13];
  const trainer = await createTrainer({
    random,
    loss: (graph, declare) => categoryLoss(graph, declare, { shape, batch, length, classes, seed: 1 }),
  });
  const ids = (rows: number) =>
    make.integers(
      Int32Array.from({ length: rows * length }, () => 5 + random.below(1900)),
      [rows, length],
    );
  const feeds = {
    ids: ids(batch),
    labels: make.integers(
      Int32Array.from({ length: batch }, () => random.below(classes)),
      [batch],
    ),
    weights: make.floats(new Float32Array(batch).fill(1), [batch, 1]),
  };
  line(
    `training step, BERT L2 H128, ${batch} × ${length}`,
    await stepTime(trainer, feeds, 25),
    peer('bertStep'),
    'PyTorch',
  );
  for (const int8 of [false, true]) {
    const session = await openSession(classifierModel(trainer.weights(), { shape, classes, int8 }));
    const one = ids(1);
    const { p50 } = await time(200, () => session.run({ ids: one }));
    const beside = int8 ? null : peer('bertOne');
    line(`inference, BERT L2 H128, ${length} pieces, ${int8 ? 'int8' : 'float32'}`, p50, beside, 'PyTorch');
  }
}

async function forest(): Promise<void> {
  const columns = 8;
  const rows = draw(1000 * columns);
  const fit = await time(30, () => fitForest({ rows, columns, random }));
  line('fit, isolation forest, 1000 × 8, 100 trees', fit.p50, peer('forestFit'), 'scikit-learn');
  const session = await openSession(forestModel(fitForest({ rows, columns, random })));
  for (const count of [1, 10_000]) {
    const x = make.floats(draw(count * columns), [count, columns]);
    const { p50 } = await time(count === 1 ? 1000 : 10, () => session.run({ x }));
    line(
      `scores, isolation forest, ${count} rows`,
      p50,
      peer(count === 1 ? 'forestOne' : 'forestMany'),
      'scikit-learn',
    );
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 50 });

function post(port: number, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request({ port, host: '127.0.0.1', path: '/predict', method: 'POST', agent }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`answer ${answer.statusCode}`)),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** Sends `total` bodies, `concurrent` of them in flight at any time. */
async function load(
  port: number,
  total: number,
  concurrent: number,
  body: (index: number) => string,
): Promise<Times> {
  const durations: number[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < total) {
      const text = body(next++);
      const start = performance.now();
      await post(port, text);
      durations.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, client));
  return timesOf(durations.slice(concurrent * 2));
}

/** Sends bodies over 50 connections at even distances in time, so many a second, whether answered or not. */
async function paced(
  port: number,
  total: number,
  perSecond: number,
  body: (index: number) => string,
): Promise<Times> {
  const durations: number[] = [];
  const calls: Promise<void>[] = [];
  const startMs = performance.now();
  for (let index = 0; index < total; index++) {
    const waitMs = startMs + (index * 1000) / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const askedMs = performance.now();
    calls.push(post(port, body(index)).then(() => void durations.push(performance.now() - askedMs)));
  }
  await Promise.all(calls);
  return timesOf(durations.slice(Math.min(50, total >> 1)));
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
};

async function startContainer(port: number): Promise<ChildProcess> {
  const main = fileURLToPath(new URL('../../models/serving/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    env: { ...process.env, AIP_HTTP_PORT: String(port), MODELS_DIR: ARTIFACTS },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const chunk of child.stdout!) if (String(chunk).includes('"ready"')) break;
  return child;
}

async function serving(): Promise<void> {
  if (!existsSync(`${ARTIFACTS}/manifest.json`)) {
    console.log('prediction server: no models in models/artifacts; npm run train makes them');
    return;
  }
  const port = await freePort();
  const child = await startContainer(port);
  const windows = (): number[][][] =>
    Array.from({ length: 64 }, () =>
      Array.from({ length: 20 }, () => Array.from(draw(16), (value) => Number(value.toPrecision(5)))),
    );
  const services = JSON.stringify({
    instances: windows().map((one, index) => ({ service: `s${index}`, windows: one })),
  });
  const packed = JSON.stringify({
    instances: windows().map((one, index) => ({
      service: `s${index}`,
      packed: Buffer.from(Float32Array.from(one.flat()).buffer).toString('base64'),
    })),
  });
  const words = 'connection refused by peer while sending to upstream memory of worker timeout quota'.split(
    ' ',
  );
  const message = (): string =>
    JSON.stringify({
      instances: [
        { message: Array.from({ length: 70 }, () => words[random.below(words.length)]!).join(' ') },
      ],
    });
  const alike = (index: number): string =>
    `{"instances":[{"message":"upstream ${index} timed out ${'after a while '.repeat(20)}"}]}`;
  const print = (what: string, { p50, p99 }: Times): void =>
    console.log(`server: ${what.padEnd(64)} p50 ${ms(p50)}  p99 ${ms(p99)}`);
  print('64 services × 20 × 16, one request at a time', await load(port, 300, 1, () => services));
  print('64 services × 20 × 16, 50 requests in a second', await paced(port, 250, 50, () => services));
  print('64 services × 20 × 16, 50 always in flight', await load(port, 400, 50, () => services));
  print('the same packed, one request at a time', await load(port, 300, 1, () => packed));
  print('the same packed, 50 requests in a second', await paced(port, 250, 50, () => packed));
  print('the same packed, 50 always in flight', await load(port, 400, 50, () => packed));
  print('one message of 64 pieces, all different, 200 in a second', await paced(port, 800, 200, message));
  print('one message of 64 pieces, all different, 50 always in flight', await load(port, 2000, 50, message));
  print('one message of 64 pieces, one pattern, 50 always in flight', await load(port, 3000, 50, alike));
  child.kill('SIGTERM');
  await once(child, 'exit');
  agent.destroy();
}

await forest();
await lstm();
await bert();
await serving();

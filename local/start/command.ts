/**
 * `logweir start`: the laptop cloud, the functions, the demo, and a live summary until Ctrl-C. A second Ctrl-C ends
 * at once; what was acknowledged is safe either way.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BigQuery } from '@google-cloud/bigquery';
import { Command } from 'commander';
import { signToken } from '../../functions/api/auth/token.ts';
import { apiKey } from '../api-key.ts';
import { DEFAULT_DATA_DIR } from '../endpoints.ts';
import { whole } from '../option.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { DEFAULT_PORT_BASE, portsFrom } from './ports.ts';
import { SupervisedProcess } from './process.ts';
import { addresses, type LastWindow, type ScreenState, screen, summary } from './screen.ts';
import { Telemetry } from './telemetry.ts';

const GENERATOR = fileURLToPath(new URL('../generator/main.ts', import.meta.url));
const DEFAULT_RATE = 200;
const MAX_RATE = 100_000;
const SCREEN_MS = 1_000;
const LINE_MS = 10_000;
const ASK_MS = 2_000;
const TOKEN_MS = 365 * 86_400_000;

interface StartOptions {
  readonly portBase: number;
  readonly dataDir: string;
  readonly rate: number;
  readonly demo: boolean;
  readonly seed: number;
}

/** The command. */
export const startCommand = (): Command =>
  new Command('start')
    .description('run the whole system on this machine, with a demo of five services')
    .option('--port-base <port>', 'first of the ports that are used', whole(1024, 65_000), DEFAULT_PORT_BASE)
    .option('--data-dir <folder>', 'where all state lives; the next start goes on with it', DEFAULT_DATA_DIR)
    .option('--rate <lines>', 'log lines per second of the demo', whole(1, MAX_RATE), DEFAULT_RATE)
    .option('--seed <number>', 'seed of the demo', whole(0, 2 ** 31), 1)
    .option('--no-demo', 'without the demo: only what you ship comes in')
    .action(start);

async function start(options: StartOptions): Promise<void> {
  const telemetry = new Telemetry();
  const startedMs = Date.now();
  const stopping = firstSignal();
  const cloud = await startCloud({
    ports: portsFrom(options.portBase),
    dataDir: options.dataDir,
    onLine: (_, line) => telemetry.hear(line),
    onStep: (step) => console.error(`starting ${step} …`),
  });
  const demo = options.demo ? await startDemo(cloud, options) : null;
  console.log(addresses(cloud.endpoints, cloud.dataDir, await pageUrl(cloud)).join('\n'));
  const stopScreen = show(cloud, telemetry, startedMs);
  await stopping;
  stopScreen();
  console.error('\nstopping; once more Ctrl-C to stop at once …');
  await demo?.stop();
  await cloud.close();
  console.error('stopped');
}

/** The page with a token in it that may do everything; it is good for a year, and for this data folder alone. */
async function pageUrl({ endpoints, dataDir }: Cloud): Promise<string> {
  const nowMs = Date.now();
  const expiresAtMs = nowMs + TOKEN_MS;
  const claims = { name: 'you', role: 'admin', tenant: null, expiresAtMs } as const;
  return `${endpoints.page}/#token=${await signToken(claims, await apiKey(dataDir), nowMs)}`;
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  });
}

function startDemo(cloud: Cloud, { rate, seed }: StartOptions): Promise<SupervisedProcess> {
  return SupervisedProcess.start({
    name: 'generator',
    args: ['--import', 'tsx', GENERATOR, JSON.stringify({ endpoints: cloud.endpoints, rate, seed })],
    logFile: join(cloud.dataDir, 'logs', 'generator.log'),
  });
}

/** Draws until the returned function is called. */
function show(cloud: Cloud, telemetry: Telemetry, startedMs: number): () => void {
  const live = process.stdout.isTTY === true;
  let windows: readonly LastWindow[] = [];
  let drawn = 0;
  let closed = false;
  const draw = (): void => {
    const state = stateOf(cloud, telemetry, { upMs: Date.now() - startedMs, windows });
    if (!live) {
      console.log(summary(state));
      return;
    }
    const lines = screen(state).map((line) => line.slice(0, process.stdout.columns));
    process.stdout.write(`${drawn > 0 ? `\x1b[${drawn}A\x1b[0J` : ''}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const ask = async (): Promise<void> => {
    while (!closed) {
      windows = await lastWindows(cloud).catch(() => windows);
      await new Promise((resolve) => setTimeout(resolve, ASK_MS).unref());
    }
  };
  if (live) void ask();
  const timer = setInterval(draw, live ? SCREEN_MS : LINE_MS);
  return () => {
    closed = true;
    clearInterval(timer);
  };
}

function stateOf(
  { endpoints, dataDir, services, processes }: Cloud,
  telemetry: Telemetry,
  rest: Pick<ScreenState, 'upMs' | 'windows'>,
): ScreenState {
  const { subscriptions } = services.pubsub.stats();
  const waiting = subscriptions[`projects/${endpoints.projectId}/subscriptions/parse`]?.unacked ?? 0;
  return {
    endpoints,
    dataDir,
    figures: telemetry.figures(),
    waitingMessages: waiting,
    openTimers: services.tasks.stats().pending,
    archivedObjects: services.storage.stats().objects,
    restarts: Object.values(processes).map(({ name, restarts }) => [name, restarts] as const),
    ...rest,
  };
}

const LAST_WINDOWS = `
  SELECT service, UNIX_MILLIS(window_start) AS start_ms, revision, entries, errors, latency_p95_ms
  FROM windows
  WHERE job = 'service_health' AND window_start > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 15 MINUTE)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY service ORDER BY window_start DESC) = 1
  ORDER BY entries DESC
  LIMIT 10`;

async function lastWindows({ endpoints }: Cloud): Promise<LastWindow[]> {
  const { projectId, bigquery, dataset } = endpoints;
  const client = new BigQuery({ projectId, apiEndpoint: bigquery });
  const [rows] = await client.query({ query: LAST_WINDOWS, defaultDataset: { datasetId: dataset } });
  return rows.map((row) => ({
    service: row.service,
    startMs: Number(row.start_ms),
    revision: row.revision,
    entries: row.entries,
    errors: row.errors,
    p95Ms: row.latency_p95_ms,
  }));
}

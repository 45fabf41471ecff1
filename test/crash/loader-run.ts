/**
 * The loader, killed: files of log entries are staged in Cloud Storage's stand-in, and the processes that load them, one
 * or two at a time, and that of BigQuery are ended by SIGKILL at random. Whatever happened, every entry must stand in
 * log_entries exactly once, and no file may be left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BigQuery } from '@google-cloud/bigquery';
import { type Bucket, Storage } from '@google-cloud/storage';
import { ROWS_PREFIX } from '../../functions/load/layout.ts';
import { stagingIn } from '../../functions/load/staging.ts';
import { startStorage } from '../../local/storage/service.ts';
import { applySql } from '../../sql/apply.ts';
import { clientOf, DATASET, PROJECT, rowsOf } from '../local/bigquery/client.ts';
import { startWarehouseProcess, type WarehouseProcess } from '../local/bigquery/warehouse-process.ts';
import { logEntry } from '../log-entry.ts';
import { random } from '../random.ts';

export interface LoaderKillOptions {
  readonly seed: number;
  readonly kills: number;
  /** Files that come before each kill. */
  readonly files: number;
  readonly onProgress?: (text: string) => void;
}

export interface LoaderKillReport {
  readonly kills: { readonly load: number; readonly bigquery: number };
  /** Runs that answered. */
  readonly runs: number;
  readonly jobs: number;
  readonly files: number;
  readonly entries: number;
  /** What differs; empty: everything is right. */
  readonly wrong: readonly string[];
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ENTRIES = 20;
const AT_US = 1_795_168_800_000_000;

/** What the run works on, and what it has counted. */
interface World {
  readonly options: LoaderKillOptions;
  readonly next: () => number;
  readonly bucket: Bucket;
  readonly env: Readonly<Record<string, string>>;
  readonly bigqueryOptions: Record<string, unknown>;
  bigquery: WarehouseProcess;
  files: number;
  runs: number;
  jobs: number;
}

export async function runLoaderKills(options: LoaderKillOptions): Promise<LoaderKillReport> {
  const dir = await mkdtemp(join(tmpdir(), 'logweir-loader-'));
  const storage = await startStorage({ port: 0, dataDir: join(dir, 'storage') });
  const world = await openWorld(options, dir, `http://127.0.0.1:${storage.port}`);
  try {
    const kills = { load: 0, bigquery: 0 };
    for (let kill = 0; kill < options.kills; kill++) {
      await stage(world);
      if (kill % 3 === 2) {
        await killBigquery(world);
        kills.bigquery++;
      } else {
        await killLoaders(world);
        kills.load++;
      }
    }
    await runToTheEnd(world);
    const rows = await rowsOf(clientOf(world.bigquery), COUNTS);
    const { runs, jobs, files } = world;
    return { kills, runs, jobs, files, entries: files * ENTRIES, wrong: compare(rows, files) };
  } finally {
    await world.bigquery.end('SIGKILL');
    await storage.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function openWorld(options: LoaderKillOptions, dir: string, storageEndpoint: string): Promise<World> {
  const dataDir = join(dir, 'bigquery');
  const first = await startWarehouseProcess({ dataDir, projectId: PROJECT, storageEndpoint });
  const { port, writePort } = first;
  const client: BigQuery = clientOf(first);
  await applySql({ bigquery: client, dataset: DATASET });
  const [bucket] = await new Storage({ projectId: PROJECT, apiEndpoint: storageEndpoint }).createBucket(
    'staging',
  );
  return {
    ...{ options, next: random(options.seed), bucket, bigquery: first, files: 0, runs: 0, jobs: 0 },
    bigqueryOptions: { dataDir, projectId: PROJECT, storageEndpoint, port, writePort },
    env: {
      METADATA_SERVER_DETECTION: 'none',
      STORAGE_EMULATOR_HOST: storageEndpoint,
      LOGWEIR_PROJECT: PROJECT,
      LOGWEIR_DATASET: DATASET,
      LOGWEIR_CLOSE_URL: 'http://127.0.0.1/',
      LOGWEIR_STAGING_BUCKET: 'staging',
      LOGWEIR_BIGQUERY_ENDPOINT: `http://127.0.0.1:${port}`,
      LOGWEIR_BIGQUERY_WRITE_ENDPOINT: `127.0.0.1:${writePort}`,
    },
  };
}

/** Files as `parse` writes them, with entries that stand in no other. */
async function stage(world: World): Promise<void> {
  const staging = stagingIn(world.bucket, { stagingWaitMs: 0, clock: Date.now });
  for (let i = 0; i < world.options.files; i++) {
    const file = world.files++;
    const entries = Array.from({ length: ENTRIES }, (_, n) =>
      logEntry({ insert_id: `f${file}-${n}`, timestamp: AT_US + file * 1000 + n, received_at: AT_US }),
    );
    await staging.write(entries);
  }
}

const COUNTS = `
  SELECT insert_id, COUNT(*) AS n FROM log_entries WHERE timestamp > TIMESTAMP '1970-01-01' GROUP BY insert_id`;

function compare(rows: readonly Readonly<Record<string, unknown>>[], files: number): string[] {
  const found = new Map(rows.map(({ insert_id, n }) => [String(insert_id), Number(n)]));
  const expected = Array.from(
    { length: files * ENTRIES },
    (_, i) => `f${Math.floor(i / ENTRIES)}-${i % ENTRIES}`,
  );
  return [
    ...expected.flatMap((id) => (found.get(id) === 1 ? [] : [`${id} stands ${found.get(id) ?? 0} times`])),
    ...(found.size === expected.length ? [] : [`${found.size} entries of ${expected.length}`]),
  ];
}

interface Loader {
  readonly child: ChildProcess;
  /** Tells of each answer, and of its start. */
  readonly heard: EventEmitter<{ line: [] }>;
  answers: number;
  isReady: boolean;
  hasEnded: boolean;
}

function startLoader(world: World): Loader {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/crash/loader-process.ts'], {
    cwd: ROOT,
    env: { ...process.env, ...world.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const loader: Loader = { child, heard: new EventEmitter(), answers: 0, isReady: false, hasEnded: false };
  child.once('exit', () => {
    loader.hasEnded = true;
    loader.heard.emit('line');
  });
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const { stage, files = 0 } = JSON.parse(line) as { readonly stage?: string; readonly files?: number };
    loader.isReady = true;
    if (stage === 'load') {
      loader.answers++;
      world.runs++;
      if (files > 0) world.jobs++;
      if (files > 0) world.options.onProgress?.(line);
    }
    loader.heard.emit('line');
  });
  return loader;
}

/** Lets it answer so many calls. */
async function answers(loader: Loader, count: number): Promise<void> {
  while (!loader.isReady || loader.answers < count) {
    if (loader.hasEnded) throw new Error('the loader ended unasked');
    await once(loader.heard, 'line');
  }
}

/** Lets it answer some calls, and be in the midst of the next. */
async function work(world: World, loader: Loader): Promise<void> {
  await answers(loader, Math.floor(6 * world.next()));
  await delay(120 * world.next() ** 2);
}

async function kill({ child }: Loader): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Lets one or two loaders work for a while, and kills them. */
async function killLoaders(world: World): Promise<void> {
  const loaders = Array.from({ length: world.next() < 0.4 ? 2 : 1 }, () => startLoader(world));
  await Promise.all(
    loaders.map(async (loader) => {
      await work(world, loader);
      await kill(loader);
    }),
  );
  world.options.onProgress?.(`killed ${loaders.length} loading`);
}

/** Kills BigQuery under a loader, which goes on when it is back. */
async function killBigquery(world: World): Promise<void> {
  const loader = startLoader(world);
  await work(world, loader);
  await world.bigquery.end('SIGKILL');
  world.bigquery = await startWarehouseProcess(world.bigqueryOptions);
  await work(world, loader);
  await kill(loader);
  world.options.onProgress?.('killed bigquery');
}

async function runToTheEnd(world: World): Promise<void> {
  const loader = startLoader(world);
  for (let count = 1; ; count++) {
    await answers(loader, count);
    const [files] = await world.bucket.getFiles({ prefix: ROWS_PREFIX, maxResults: 1 });
    if (files.length === 0) break;
  }
  await kill(loader);
}

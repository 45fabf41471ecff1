/**
 * A retraining from end to end: predictions and feedback in the local BigQuery, drift as its function does it, the job
 * of models/train as a process of the local Vertex AI, canary, promotion, roll-back; with models behind the endpoint and
 * in the process. Only the data are few.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Storage } from '@google-cloud/storage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../functions/config.ts';
import { endpointModels } from '../../functions/detect/endpoint-models.ts';
import { giveFeedback } from '../../functions/detect/feedback.ts';
import type { ModelClient } from '../../functions/detect/model-client.ts';
import { openProcessModels } from '../../functions/detect/open-process-models.ts';
import { answerDrift, type DriftContext, openDriftContext } from '../../functions/drift-function.ts';
import { type PredictionRow, predictions } from '../../functions/warehouse/prediction-table.ts';
import type { Warehouse } from '../../functions/warehouse/warehouse.ts';
import { type BigqueryService, startBigquery } from '../../local/bigquery/service.ts';
import type { LocalService } from '../../local/service.ts';
import { startStorage } from '../../local/storage/service.ts';
import { startVertex } from '../../local/vertex/service.ts';
import { FEATURES, SEQUENCE } from '../../models/features.ts';
import { applySql } from '../../sql/apply.ts';
import { clientOf, DATASET, PROJECT, rowsOf, writerOf } from '../local/bigquery/client.ts';
import { writeTinyArtifacts } from '../models/tiny-artifacts.ts';

const JOB = fileURLToPath(new URL('../../models/train/job.ts', import.meta.url));
/** A hundredth of the data. */
const TRAINING = ['--import', 'tsx', JOB, '--scale', '0.01'];
/** The same, killed when its logs are played and learning has begun. */
const KILLED = [
  ...['--import', 'tsx', '--input-type=module', '-e'],
  `await import(${JSON.stringify(JOB)}); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1500);`,
  ...['--', '--scale', '0.01'],
];
const HOUR = 3_600_000;
/** Some 15 s where nothing else runs; the job has the lowest priority. */
const TRAINING_MS = 280_000;
const BUCKET = 'state';
const SERVICES = ['auth', 'user'];

let folder: string;
let storage: LocalService;
let bigquery: BigqueryService;
let vertex: LocalService;
let warehouse: Warehouse;
let context: DriftContext;
let settings: Readonly<Record<string, string>>;
/** Ahead of the clock on the wall, ms. */
let aheadMs: number;
let chance: number;
let lines: string[];

const startMs = Math.floor((Date.now() - 8 * HOUR) / 10_000) * 10_000;
const draw = (i: number): number => ((i * 37) % 100) / 100;
/** Entries are twice what the models that serve learned. */
const features = (i: number) =>
  FEATURES.map((name) => (name === 'entries' ? 6 + draw(i) : name.startsWith('hour') ? 0 : 0.1 * draw(i)));

beforeEach(async () => {
  [aheadMs, chance, lines] = [0, 0.5, []];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  folder = await mkdtemp(join(tmpdir(), 'retraining-'));
  storage = await startStorage({ port: 0, dataDir: join(folder, 'storage') });
  bigquery = await startBigquery({
    ...{ port: 0, writePort: 0, projectId: PROJECT, dataDir: join(folder, 'bigquery') },
  });
  await applySql({ bigquery: clientOf(bigquery), dataset: DATASET });
  warehouse = writerOf(bigquery);
  const usual = Array.from({ length: 150 }, (_, i) => draw(i));
  const reference = {
    features: Object.fromEntries(
      FEATURES.map((name) => [name, name === 'entries' ? usual.map((v) => v + 3) : usual.map((v) => v / 10)]),
    ),
    scores: { forest: usual, lstm: usual },
  };
  // Models that alarm at everything: nearly any others are better.
  await writeTinyArtifacts(join(folder, 'first'), 1, { threshold: 0, reference });
  const bucket = storageClient().bucket(BUCKET);
  await bucket.create();
  for (const name of await readdir(join(folder, 'first')))
    await bucket.upload(join(folder, 'first', name), {
      destination: `models/tiny-1/model/${name}`,
      resumable: false,
    });
});

afterEach(async () => {
  vi.restoreAllMocks();
  delete process.env.STORAGE_EMULATOR_HOST;
  await Promise.all([vertex?.close(), bigquery.close(), storage.close()]);
  await rm(folder, { recursive: true, force: true });
});

const address = ({ port }: { readonly port: number }): string => `http://127.0.0.1:${port}`;
const storageClient = () => new Storage({ projectId: PROJECT, apiEndpoint: address(storage) });

async function start(
  training: readonly string[],
  models: 'endpoint' | 'process' = 'endpoint',
): Promise<void> {
  const env = {
    STORAGE_EMULATOR_HOST: address(storage),
    LOGWEIR_PROJECT: PROJECT,
    METADATA_SERVER_DETECTION: 'none',
  };
  vertex = await startVertex({
    ...{ port: 0, dataDir: join(folder, 'vertex'), artifactsDir: join(folder, 'first'), env },
    ...{ storageEndpoint: address(storage), images: { 'logweir-training': training }, chance: () => chance },
  });
  process.env.STORAGE_EMULATOR_HOST = address(storage);
  settings = {
    LOGWEIR_PROJECT: PROJECT,
    LOGWEIR_MODELS: models,
    LOGWEIR_DATASET: DATASET,
    LOGWEIR_CLOSE_URL: 'http://127.0.0.1:1/close',
    LOGWEIR_BIGQUERY_ENDPOINT: address(bigquery),
    LOGWEIR_BIGQUERY_WRITE_ENDPOINT: `127.0.0.1:${bigquery.writePort}`,
    LOGWEIR_VERTEX_ENDPOINT: address(vertex),
    LOGWEIR_MODEL_ENDPOINT: 'models',
    LOGWEIR_MODEL_BUCKET: BUCKET,
    LOGWEIR_TRAINING_IMAGE: 'logweir-training',
    LOGWEIR_CANARY: '30m',
    LOGWEIR_MODEL_DEADLINE: '30s',
  };
  const opened = await openDriftContext({ ...env, ...settings }, join(folder, 'first'));
  context = { ...opened, clock: () => Date.now() + aheadMs };
}

/** What the detector would have written of a window. */
function rowsOfWindow(service: string, atMs: number, version: string, i: number): PredictionRow[] {
  const common = {
    ...{ service, window_start: atMs * 1000, revision: 1, predicted_at: Date.now() * 1000 },
    ...{ threshold: null, horizon_s: null, category: null, decided_by: 'model' as const, explanation: null },
  };
  const named = Object.fromEntries(FEATURES.map((name, at) => [name, features(i)[at]!]));
  return [
    { ...common, model: 'verdict', model_version: null, score: 0, positive: false },
    { ...common, model: 'lstm', model_version: version, score: draw(i), positive: false },
    {
      ...{ ...common, model: 'forest', model_version: version, score: draw(i), positive: false },
      explanation: JSON.stringify({ reasons: [], features: named }),
    },
  ];
}

/** Eight hours of windows that look otherwise than those that were learned, and people who call eight of them noise. */
async function judgeWindows(): Promise<void> {
  const rows = SERVICES.flatMap((service) =>
    Array.from({ length: 480 }, (_, i) => rowsOfWindow(service, startMs + i * 60_000, 'tiny-1', i)).flat(),
  );
  expect(await warehouse.append(predictions, rows)).toEqual([]);
  for (let hour = 0; hour < 8; hour++)
    await giveFeedback(
      {
        kind: 'noise',
        service: 'auth',
        givenBy: 'ada',
        windowStart: new Date(startMs + hour * HOUR).toISOString(),
      },
      { warehouse, nowMs: Date.now(), windowSizeMs: 10_000 },
    );
}

const run = async (what = 'run') => {
  const { status, body } = await answerDrift({ do: what }, context);
  return { status, ...body } as Record<string, unknown>;
};

/** Waits for the end of the job, as the scheduler does: by calling again. */
const afterTraining = () =>
  vi.waitFor(
    async () => {
      const done = await run();
      expect(done.phase).not.toBe('training');
      return done;
    },
    { timeout: TRAINING_MS, interval: 1000 },
  );

/** Those that judge now: behind the endpoint, or those of an instance that starts. */
const judging = (): ModelClient =>
  settings.LOGWEIR_MODELS === 'process'
    ? openProcessModels(loadConfig(settings), join(folder, 'first'))
    : endpointModels({
        ...{
          url: `${address(vertex)}/v1/projects/${PROJECT}/locations/us-central1/endpoints/models:predict`,
        },
        ...{ deadlineMs: 10_000, clock: () => 0, authorization: async () => null },
      });

async function answering(at: number): Promise<string | null> {
  chance = at;
  const drawn = vi.spyOn(Math, 'random').mockReturnValue(at);
  const windows = Array(SEQUENCE).fill(features(1));
  const { version } = await judging().windows([{ service: 'auth', windows }]);
  drawn.mockRestore();
  return version;
}

const versions = async () => {
  const rows = await rowsOf(
    clientOf(bigquery),
    `SELECT version, state, traffic_percent AS percent, LENGTH(card) AS card FROM model_versions
     WHERE model = 'lstm' ORDER BY version`,
  );
  return rows.map(({ version, state, percent, card }) => ({
    version,
    state,
    percent,
    hasCard: Number(card) > 100,
  }));
};

describe('a retraining on the laptop', () => {
  it.each(['endpoint', 'process'] as const)(
    'goes from drift to models that are better, serve a tenth, then all, and can be taken back (%s)',
    async (models) => {
      await start(TRAINING, models);
      await judgeWindows();
      expect(await run()).toMatchObject({ status: 200, version: 'tiny-1', drifted: 1, phase: 'training' });
      expect(await afterTraining()).toMatchObject({ phase: 'canary' });
      const [made] = await versions();
      expect(made).toMatchObject({ state: 'canary', percent: 10, hasCard: true });
      const version = String(made!.version);
      const evaluation = JSON.parse((await context.effects.readModelFile(version, 'evaluation.json'))!);
      expect(evaluation.serving).toMatchObject({ ownFalsePositives: 1, feedback: 0 });
      expect(evaluation.candidate).toMatchObject({ ownFalsePositives: 0, feedback: 1 });
      expect([await answering(0.5), await answering(0.95)]).toEqual(['tiny-1', version]);

      const seen = Array.from({ length: 60 }, (_, i) =>
        rowsOfWindow('user', Math.floor(Date.now() / 10_000) * 10_000 - i * 10_000, version, i),
      );
      await warehouse.append(predictions, seen.flat());
      aheadMs += HOUR;
      expect(await run()).toMatchObject({ status: 200, phase: 'idle' });
      expect([await answering(0), await answering(0.99)]).toEqual([version, version]);
      expect((await versions()).map(({ state }) => state)).toEqual(['serving', 'retired']);

      expect(await run('roll_back')).toMatchObject({ rolled_back: 1 });
      expect([await answering(0), await answering(0.99)]).toEqual(['tiny-1', 'tiny-1']);
      expect(lines.filter((line) => line.includes('have drifted'))).toHaveLength(1);
    },
    300_000,
  );

  it('that is killed leaves the models that serve, and does not begin again within the cool-down', async () => {
    await start(KILLED);
    await judgeWindows();
    expect(await run()).toMatchObject({ phase: 'training' });
    expect(await afterTraining()).toMatchObject({ phase: 'idle' });
    expect(lines.join('')).toContain('the job failed');
    expect(await answering(0.5)).toBe('tiny-1');
    aheadMs += 2 * HOUR;
    expect(await run()).toMatchObject({ phase: 'idle' });
    const [files] = await storageClient().bucket(BUCKET).getFiles({ prefix: 'models/20' });
    expect(files.map(({ name }) => name.split('/').at(-1))).toEqual(['own-windows.json']);
  }, 300_000);
});

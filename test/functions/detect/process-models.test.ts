import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../functions/config.ts';
import { endpointModels } from '../../../functions/detect/endpoint-models.ts';
import type { ModelClient } from '../../../functions/detect/model-client.ts';
import { openProcessModels } from '../../../functions/detect/open-process-models.ts';
import { type ProcessOptions, processModels } from '../../../functions/detect/process-models.ts';
import { ONLY_SHIPPED, type Traffic } from '../../../functions/detect/served-sets.ts';
import { FEATURES, SEQUENCE } from '../../../models/features.ts';
import { loadPredictor, type Predictor } from '../../../models/serving/predictor.ts';
import { type Serving, startServing } from '../../../models/serving/server.ts';
import { writeTinyArtifacts } from '../../models/tiny-artifacts.ts';
import { random } from '../../random.ts';

const ARTIFACTS = fileURLToPath(new URL('../../../models/artifacts', import.meta.url));
const draw = random(11);
const windowsOf = (count: number, scale = 1) =>
  Array.from({ length: count }, (_, i) => ({
    service: `service-${i}`,
    windows: Array.from({ length: SEQUENCE }, () => FEATURES.map(() => (draw() - 0.3) * scale)),
  }));
const ONE = windowsOf(1);

let folder: string;
let lines: string[];
let nowMs: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'process-models-'));
  for (const seed of [1, 2]) await writeTinyArtifacts(join(folder, `tiny-${seed}`), seed);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(() => {
  [lines, nowMs] = [[], 0];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the models of the repository, in the process and behind the endpoint', () => {
  let serving: Serving;
  let behind: ModelClient;
  let within: ModelClient;

  beforeAll(async () => {
    serving = await startServing({ port: 0, artifactsDir: ARTIFACTS });
    behind = endpointModels({
      ...{ url: `http://127.0.0.1:${serving.port}/predict`, deadlineMs: 30_000, clock: () => 0 },
      authorization: async () => null,
    });
    const env = { LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/', LOGWEIR_MODELS: 'process' };
    within = openProcessModels(loadConfig({ ...env, LOGWEIR_MODEL_DEADLINE: '30s' }), ARTIFACTS);
  });
  afterAll(() => serving.close());

  it('say the same of the same windows, to the last digit, of quiet services and of strange ones', async () => {
    for (const windows of [windowsOf(64), windowsOf(64, 8), windowsOf(1), windowsOf(600, 3)]) {
      const answered = await within.windows(windows);
      expect(answered).toEqual(await behind.windows(windows));
      expect(answered.version).toMatch(/^\d{8}-/);
      expect(answered.answers).not.toContain(null);
    }
  });

  it('say the same of windows that are fewer than the LSTM looks back on', async () => {
    const young = windowsOf(5).map((one, i) => ({ ...one, windows: one.windows.slice(0, i + 1) }));
    expect(await within.windows(young)).toEqual(await behind.windows(young));
  });

  it('call messages by the same names, as surely', async () => {
    const messages = [
      'connection refused by peer 10.0.0.7:5432',
      'OutOfMemoryError: Java heap space in worker 17',
      'user 4711 logged in',
      'disk /dev/sda1: no space left on device',
    ].map((message) => ({ message }));
    const answered = await within.messages(messages);
    expect(answered).toEqual(await behind.messages(messages));
    expect(answered.answers.map((one) => one?.category)).toContain('memory');
  });

  it('flag something of the strange, so that equal answers are not all the same', async () => {
    const { answers } = await within.windows(windowsOf(64, 8));
    expect(answers.some((one) => one!.anomalous && one!.reasons.length > 0)).toBe(true);
    expect(new Set(answers.map((one) => one!.failure)).size).toBeGreaterThan(30);
  });
});

describe('models in the process', () => {
  const tiny = (set: string): Promise<Predictor> => loadPredictor(join(folder, set));
  const open = (rest: Partial<ProcessOptions> = {}): ModelClient =>
    processModels({
      ...{ traffic: async () => ({ 'tiny-1': 100 }), load: tiny, deadlineMs: 20_000, clock: () => nowMs },
      ...rest,
    });
  const versionOf = async (models: ModelClient) => (await models.windows(ONE)).version;

  it('have no answer, and no error, when they cannot be loaded, and say why; later they are tried again', async () => {
    const broken = join(folder, 'broken');
    await cp(join(folder, 'tiny-1'), broken, { recursive: true });
    await writeFile(join(broken, 'lstm.onnx'), 'garbage');
    const models = open({ traffic: async () => ONLY_SHIPPED, load: () => loadPredictor(broken) });
    expect(await models.windows(ONE)).toEqual({ version: null, answers: [null] });
    expect(lines.join('')).toContain('lstm.onnx: 7 bytes');
    await cp(join(folder, 'tiny-1'), broken, { recursive: true });
    nowMs = 59_999;
    expect(await versionOf(models)).toBeNull();
    nowMs = 60_000;
    expect(await versionOf(models)).toBe('tiny-1');
  });

  it('have no answer at the deadline when they are not loaded by then, and go on loading', async () => {
    let loaded: (predictor: Predictor) => void = () => {};
    const models = open({
      deadlineMs: 30,
      load: () => new Promise((resolve) => (loaded = resolve)),
    });
    expect(await models.windows(ONE)).toEqual({ version: null, answers: [null] });
    expect(lines.join('')).toContain('"error":"deadline"');
    loaded({ ...(await stub()), predict: async () => [GOOD] });
    await vi.waitFor(async () => expect(await versionOf(models)).toBe('stub'));
  });

  it('leave out what they cannot take, and answer the rest', async () => {
    const many = windowsOf(600);
    many[3] = { ...many[3]!, windows: [FEATURES.map(() => Number.NaN)] };
    const { answers } = await open().windows(many);
    expect([answers[0], answers[511]]).toEqual([null, null]);
    expect([answers[512], answers[599]]).not.toContain(null);
  });

  it('have no answer where the runtime fails, and where it answers what is no probability', async () => {
    for (const predict of [
      async () => Promise.reject(new Error('run failed')),
      async () => [{ failure: 7 }],
    ]) {
      const load = async () => ({ ...(await stub()), predict }) as unknown as Predictor;
      expect(await open({ load }).windows(ONE)).toEqual({ version: null, answers: [null] });
    }
  });

  it('judge by their shares, and by the next set within a minute after it was promoted', async () => {
    let traffic: Traffic = { 'tiny-1': 90, 'tiny-2': 10 };
    let chance = 0;
    const models = open({ traffic: async () => traffic, chance: () => chance });
    expect(await versionOf(models)).toBe('tiny-1');
    chance = 0.95;
    expect(await versionOf(models)).toBe('tiny-2');
    traffic = { 'tiny-1': 0, 'tiny-2': 100 };
    nowMs = 60_000;
    chance = 0;
    await versionOf(models);
    await vi.waitFor(async () => expect(await versionOf(models)).toBe('tiny-2'));
  });

  it('let a set go only when it has answered what it was asked', async () => {
    const closed: string[] = [];
    const load = async (set: string): Promise<Predictor> => {
      const predictor = await tiny(set);
      const close = async (): Promise<void> => {
        await predictor.close();
        closed.push(set);
      };
      return {
        ...(await stub()),
        manifest: predictor.manifest,
        predict: (all) => predictor.predict(all),
        close,
      };
    };
    let traffic: Traffic = { 'tiny-1': 100 };
    const models = open({ traffic: async () => traffic, load });
    await versionOf(models);
    traffic = { 'tiny-2': 100 };
    nowMs = 60_000;
    const { version, answers } = await models.windows(windowsOf(1500));
    expect(version).toBe('tiny-1');
    expect(answers).not.toContain(null);
    await vi.waitFor(() => expect(closed).toEqual(['tiny-1']));
    expect(await versionOf(models)).toBe('tiny-2');
  });

  it('give the share of a set that cannot be loaded to the others, and keep what judges when none can', async () => {
    let traffic: Traffic = { 'tiny-1': 50, missing: 50 };
    const models = open({ traffic: async () => traffic, chance: () => 0.99 });
    expect(await versionOf(models)).toBe('tiny-1');
    traffic = { missing: 100 };
    nowMs = 60_000;
    await versionOf(models);
    await vi.waitFor(() => expect(lines.filter((line) => line.includes('missing')).length).toBe(2));
    expect(await versionOf(models)).toBe('tiny-1');
  });

  it('are those of the deployment when nobody says which are to judge', async () => {
    const load = (set: string) => tiny(set === 'shipped' ? 'tiny-1' : set);
    const models = open({ traffic: () => Promise.reject(new Error('bucket away')), load });
    expect(await versionOf(models)).toBe('tiny-1');
    expect(lines.join('')).toContain('is not known');
  });
});

const GOOD = {
  ...{ service: null, failure: 0.1, failing: false, anomaly: 0.4, anomalous: false, reasons: [] },
  thresholds: { failure: 0.5, anomaly: 0.5 },
};
const stub = async (): Promise<Predictor> => ({
  manifest: { version: 'stub' } as Predictor['manifest'],
  predict: async () => [],
  cacheHits: 0,
  close: async () => {},
});

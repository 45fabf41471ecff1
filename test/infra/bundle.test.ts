/** A bundle where models judge in the process: what is in it, and that it finds its models where it lies. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleFunction } from '../../infra/bundle.ts';
import { readLock } from '../../infra/bundle-lock.ts';
import { readArtifacts } from '../../models/artifact.ts';

const NAMES = ['close', 'learn', 'drift', 'sweep'] as const;

let folder: string;
const inProcess = new Map<string, Bundle>();
const behind = new Map<string, Bundle>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-bundle-'));
  for (const name of NAMES) {
    inProcess.set(name, await bundleFunction(name, join(folder, 'process'), 'process'));
    behind.set(name, await bundleFunction(name, join(folder, 'endpoint')));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const filesOf = async ({ folder: of }: Bundle): Promise<string[]> => readdir(of, { recursive: true });

/** What close says first, started as Cloud Run does. */
async function firstLine(source: string): Promise<unknown> {
  const framework = 'node_modules/@google-cloud/functions-framework/build/src/main.js';
  const child = spawn(process.execPath, [framework, '--target=close', `--source=${source}`, '--port=0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ PATH: process.env.PATH, NODE_ENV: 'production', METADATA_SERVER_DETECTION: 'none' },
      ...{ FUNCTION_TARGET: 'close', LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/' },
      ...{ FIRESTORE_EMULATOR_HOST: '127.0.0.1:1', LOGWEIR_BIGQUERY_WRITE_ENDPOINT: '127.0.0.1:1' },
      LOGWEIR_MODELS: 'process',
    },
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
    throw new Error('close ended');
  } finally {
    child.kill();
  }
}

describe('a function whose models judge in the process', () => {
  it.each(['close', 'learn'])('%s has the models beside its code, whole, and the runtime', async (name) => {
    const bundle = inProcess.get(name)!;
    expect((await readArtifacts(join(bundle.folder, 'models'))).manifest.version).toMatch(/^\d{8}-/);
    const runtime = JSON.parse(await readFile('package.json', 'utf8')).dependencies['onnxruntime-node'];
    expect(bundle.packages['onnxruntime-node']).toBe(runtime);
    expect(Object.keys(bundle.packages)).not.toContain('onnx-proto');
    expect(bundle.code).not.toContain(':predict`');
  });

  it('drift knows the version of the models, and loads none', async () => {
    const drift = inProcess.get('drift')!;
    expect((await filesOf(drift)).filter((name) => name.startsWith('models/'))).toEqual([
      'models/manifest.json',
    ]);
    expect(drift.packages).not.toHaveProperty('onnxruntime-node');
  });

  it('is installed without libraries for graphics cards, at the versions of the lock file', async () => {
    const { folder: cwd } = inProcess.get('close')!;
    expect(await readFile(join(cwd, '.npmrc'), 'utf8')).toBe('onnxruntime-node-install=skip\n');
    const lock = await readLock(join(cwd, 'package-lock.json'));
    expect(lock).toHaveProperty('node_modules/onnxruntime-common');
    const args = ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    const { stdout, stderr } = await promisify(execFile)('npm', args, { cwd });
    expect(`${stdout}${stderr}`).toMatch(/added \d+ packages/);
  });

  it('loads its models from where it lies when it starts, and knows which they are', async () => {
    const cache = join('node_modules', '.cache', 'logweir');
    await mkdir(cache, { recursive: true });
    // Where packages are found.
    const place = await mkdtemp(join(cache, 'bundle-'));
    try {
      const { folder: source } = await bundleFunction('close', resolve(place), 'process');
      const { version } = (await readArtifacts('models/artifacts')).manifest;
      expect(await firstLine(source)).toMatchObject({ message: 'models loaded', set: 'shipped', version });
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });

  it('says so when it is told to ask an endpoint, which its code does not have', async () => {
    const { code } = inProcess.get('close')!;
    expect(code).toContain('open-endpoint-models.ts is not part of this bundle');
    expect(behind.get('close')!.code).toContain('open-process-models.ts is not part of this bundle');
  });
});

describe('a function that asks the endpoint', () => {
  it.each(NAMES)('%s has neither models nor their runtime', async (name) => {
    const bundle = behind.get(name)!;
    expect((await filesOf(bundle)).filter((file) => /^models|npmrc/.test(file))).toEqual([]);
    expect(Object.keys(bundle.packages).filter((one) => one.startsWith('onnx'))).toEqual([]);
    expect(bundle.code).not.toContain('onnxruntime');
  });

  it('is the same wherever the others judge, when it asks no models', () => {
    expect(inProcess.get('sweep')!.digest).toBe(behind.get('sweep')!.digest);
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactError } from '../../../models/artifact.ts';
import { FEATURES, SEQUENCE } from '../../../models/features.ts';
import { readInstances } from '../../../models/serving/instance.ts';
import { loadPredictor } from '../../../models/serving/predictor.ts';
import { listen, MAX_BODY_BYTES, type Serving, startServing } from '../../../models/serving/server.ts';
import { writeTinyArtifacts } from '../tiny-artifacts.ts';

let root: string;
let dir: string;
let serving: Serving;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'serving-'));
  dir = join(root, 'models');
  await writeTinyArtifacts(dir);
  serving = await startServing({ port: 0, artifactsDir: dir });
});

afterAll(async () => {
  await serving.close();
  await rm(root, { recursive: true, force: true });
});

const url = (path: string, port = serving.port): string => `http://127.0.0.1:${port}${path}`;

async function post(body: unknown, path = '/predict') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url(path), { method: 'POST', body: text });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const window = (value: number): number[] => FEATURES.map(() => value);
const pack = (values: readonly (readonly number[])[]): string =>
  Buffer.from(Float32Array.from(values.flat()).buffer).toString('base64');
const windows = (count: number, value = 0.1): number[][] =>
  Array.from({ length: count }, () => window(value));

describe('the prediction server', () => {
  it('answers each instance in its place: a failure and an anomaly for windows, a category for a message', async () => {
    const { status, body } = await post({
      instances: [
        { service: 'auth', windows: windows(SEQUENCE) },
        { message: 'connection refused by peer 10.0.0.7' },
        { windows: windows(3, 9) },
      ],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ modelVersionId: 'tiny-1' });
    const [auth, message, strange] = body.predictions as Record<string, unknown>[];
    expect(auth).toMatchObject({ service: 'auth', anomalous: false, reasons: [] });
    expect(auth!.thresholds).toEqual({ failure: 0.5, anomaly: 0.5 });
    expect(auth!.failure).toBeGreaterThan(0);
    expect(['network', 'memory', 'normal']).toContain(message!.category);
    expect(strange).toMatchObject({ service: null, anomalous: true });
    expect(strange!.reasons).toHaveLength(3);
  });

  it('gives the same answers alone, in a batch, and among many requests at once', async () => {
    const instances = Array.from({ length: 30 }, (_, at) => ({ windows: windows(SEQUENCE, at / 20) }));
    const together = (await post({ instances })).body.predictions as { failure: number }[];
    const alone = await Promise.all(instances.map((one) => post({ instances: [one] })));
    for (const [at, { body }] of alone.entries())
      expect((body.predictions as { failure: number }[])[0]!.failure).toBeCloseTo(together[at]!.failure, 5);
  });

  it('reads packed windows as the same numbers', async () => {
    const values = windows(3).map((one, at) => one.map((value) => value * (at + 1)));
    const [plain, packed] = (
      await post({ instances: [{ windows: values }, { service: 'auth', packed: pack(values) }] })
    ).body.predictions as { failure: number }[];
    expect(packed).toEqual({ ...plain, service: 'auth' });
  });

  it('asks the model once for messages that differ in numbers only', async () => {
    const metric = async (): Promise<number> => {
      const text = await (await fetch(url('/metrics'))).text();
      return Number(/logweir_message_cache_hits (\d+)/.exec(text)![1]);
    };
    await post({ instances: [{ message: 'out of memory at 17' }] });
    const before = await metric();
    const { body } = await post({ instances: [{ message: 'out of memory at 4711' }] });
    expect(await metric()).toBe(before + 1);
    expect((body.predictions as unknown[]).length).toBe(1);
  });

  it("answers under an endpoint's path, too", async () => {
    const path = '/v1/projects/p/locations/us-central1/endpoints/logweir:predict';
    expect((await post({ instances: [{ windows: windows(1) }] }, path)).status).toBe(200);
  });
});

describe('a request that is wrong', () => {
  const nan = windows(2);
  nan[1]![5] = null as unknown as number;

  it.each([
    ['no JSON', '{"instances": [', 'the body is not JSON'],
    ['no instances', {}, 'the body must be {"instances": […]}'],
    ['no instance', { instances: [] }, 'instances is empty'],
    ['too many', { instances: Array(1025).fill({ message: 'x' }) }, 'instances has 1025 entries'],
    [
      'neither kind',
      { instances: [{ text: 'x' }] },
      'instances[0] has none of "windows", "packed", "message"',
    ],
    ['an empty sequence', { instances: [{ windows: [] }] }, 'instances[0].windows must be a list of 1 to 20'],
    ['a sequence too long', { instances: [{ windows: windows(21) }] }, 'it has 21'],
    [
      'a short window',
      { instances: [{ windows: [[1, 2]] }] },
      'instances[0].windows[0] must be a list of 16',
    ],
    [
      'not a number',
      { instances: [{ windows: windows(1) }, { windows: nan }] },
      'instances[1].windows[1][5] (critical_excess) must be a number',
    ],
    [
      'a number too large',
      { instances: [{ windows: [window(1e9)] }] },
      '(entries) must be a number from −1e6',
    ],
    [
      'a service that is no word',
      { instances: [{ service: 7, windows: windows(1) }] },
      'service must be a string',
    ],
    [
      'packed windows that are cut off',
      { instances: [{ packed: pack(windows(2)).slice(0, 100) }] },
      'instances[0].packed must be base64 of 1 to 20 windows of 16 float32 each, oldest first; it has 75 bytes',
    ],
    ['too many packed windows', { instances: [{ packed: pack(windows(21)) }] }, 'it has 1344 bytes'],
    ['packed windows that are no base64', { instances: [{ packed: '{}' }] }, 'it is no base64'],
    [
      'packed NaN',
      { instances: [{ packed: pack([window(1), window(Number.NaN)]) }] },
      'window 1, entries must be a number from −1e6 to 1e6; it is NaN',
    ],
    ['an empty message', { instances: [{ message: '  ' }] }, 'instances[0].message is empty'],
  ])('%s: is told what', async (_, body, message) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect((answer.body.error as { message: string }).message).toContain(message);
  });

  it('with a body of ten megabytes is refused as too large, and the server goes on', async () => {
    const answer = await post(`{"instances":[{"message":"${'x'.repeat(10 * 1024 * 1024)}"}]}`);
    expect(answer.status).toBe(413);
    expect((answer.body.error as { message: string }).message).toContain(String(MAX_BODY_BYTES));
    expect((await post({ instances: [{ windows: windows(1) }] })).status).toBe(200);
  });

  it('of another path or method is refused', async () => {
    expect((await post({}, '/elsewhere')).status).toBe(404);
    expect((await fetch(url('/predict'))).status).toBe(405);
  });
});

describe('models that are not loaded', () => {
  it('are not healthy, and predict nothing', async () => {
    const early = await listen({ port: 0, artifactsDir: dir });
    expect((await fetch(url('/health', early.port))).status).toBe(503);
    expect((await fetch(url('/predict', early.port), { method: 'POST', body: '{}' })).status).toBe(503);
    await early.ready;
    expect((await fetch(url('/health', early.port))).status).toBe(200);
    await early.close();
    await early.close();
  });

  it('because a byte is wrong are refused by name', async () => {
    const broken = join(root, 'broken');
    await writeTinyArtifacts(broken);
    const file = join(broken, 'lstm.onnx');
    const content = await readFile(file);
    content[content.length >> 1]! ^= 1;
    await writeFile(file, content);
    await expect(startServing({ port: 0, artifactsDir: broken })).rejects.toThrow(ArtifactError);
    await expect(serving.reload(broken)).rejects.toThrow(/lstm\.onnx: .* the manifest says/);
    const { body } = await post({ instances: [{ windows: windows(1) }] });
    expect(body.modelVersionId).toBe('tiny-1');
  });

  it('because the folder or the manifest is none are refused', async () => {
    await expect(serving.reload(join(root, 'nowhere'))).rejects.toThrow('manifest.json: cannot be read');
    const torn = join(root, 'torn');
    await writeTinyArtifacts(torn);
    await writeFile(join(torn, 'manifest.json'), '{"version": ');
    await expect(serving.reload(torn)).rejects.toThrow('manifest.json: not JSON');
    await writeFile(join(torn, 'manifest.json'), '{"version": 3}');
    await expect(serving.reload(torn)).rejects.toThrow('manifest.json: version');
  });

  it('yet take over when they are whole', async () => {
    const next = join(root, 'next');
    await writeTinyArtifacts(next, 2);
    await serving.reload(next);
    const { body } = await post({ instances: [{ windows: windows(1) }] });
    expect(body.modelVersionId).toBe('tiny-2');
  });

  it('answer what was asked before they are let go', async () => {
    const predictor = await loadPredictor(dir);
    const instances = readInstances({ instances: [{ windows: windows(20) }, { message: 'a last word' }] });
    const asked = [predictor.predict(instances), predictor.predict(instances)];
    await predictor.close();
    const answers = await Promise.all(asked);
    expect(answers.map((answer) => answer.length)).toEqual([2, 2]);
  });
});

import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactError, readArtifacts } from '../../../models/artifact.ts';
import { curve } from '../../../models/command.ts';
import { startServing } from '../../../models/serving/server.ts';
import { MODELS, trainModels } from '../../../models/train/train.ts';

describe('a training run, with a hundredth of the data', () => {
  let root: string;
  let dir: string;
  const run = { seed: 5, now: new Date('2026-11-20T10:00:00Z'), scale: 0.01 };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'train-'));
    dir = join(root, 'artifacts');
    await trainModels({ ...run, models: MODELS, outDir: dir });
  }, 300_000);

  afterAll(() => rm(root, { recursive: true, force: true }));

  it('writes a set that is whole, small, and described by cards', async () => {
    const { manifest } = await readArtifacts(dir);
    expect(manifest.version).toBe('20261120-100000-5');
    const names = await readdir(dir);
    for (const name of MODELS) {
      expect(names).toContain(`${name}.onnx`);
      const card = await readFile(join(dir, `${name}.card.md`), 'utf8');
      expect(card).toContain('from seed 5');
      expect(card).toContain('(baseline)');
    }
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, name))).size));
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThan(10e6);
  });

  it('writes what serves at once', async () => {
    const serving = await startServing({ port: 0, artifactsDir: dir });
    const response = await fetch(`http://127.0.0.1:${serving.port}/predict`, {
      method: 'POST',
      body: JSON.stringify({ instances: [{ message: 'connection refused' }] }),
    });
    expect(response.status).toBe(200);
    await serving.close();
  });

  it('of one model again makes the same model and leaves the others as they are', async () => {
    const before = await readArtifacts(dir);
    await trainModels({ ...run, models: ['forest'], outDir: dir });
    const after = await readArtifacts(dir);
    expect(after.manifest).toEqual(before.manifest);
    expect(await readdir(dir)).toContain('bert.card.json');
  }, 60_000);

  it('of one model alone needs a whole set for the others', async () => {
    await expect(trainModels({ ...run, models: ['forest'], outDir: join(root, 'none') })).rejects.toThrow(
      ArtifactError,
    );
  });
});

describe('the curve of a loss', () => {
  it('falls from high to low', () => {
    expect(curve([4, 2, 1, 0.5])).toBe('█▄▂▁');
    expect(curve([1])).toBe('▁');
  });
});

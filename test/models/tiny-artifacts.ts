import { type ArtifactSet, describeFile, writeArtifacts } from '../../models/artifact.ts';
import { classifierModel } from '../../models/bert/network.ts';
import { learnPieces } from '../../models/bert/word-piece.ts';
import { FEATURES, SEQUENCE } from '../../models/features.ts';
import { forestModel } from '../../models/forest/export.ts';
import { fitForest } from '../../models/forest/fit.ts';
import { encodeForest } from '../../models/forest/stored.ts';
import { createRandom } from '../../models/graph/random.ts';
import { predictorModel } from '../../models/lstm/network.ts';

const WIDTH = FEATURES.length;
const CATEGORIES = ['network', 'memory', 'normal'];

export interface TinyOptions {
  /** Of the failure probability: 0 alarms at everything. */
  readonly threshold?: number;
  /** Windows that were usual when it was trained. */
  readonly reference?: unknown;
}

/** Writes a set of models that learned nothing and is small; another seed gives other answers. */
export async function writeTinyArtifacts(
  dir: string,
  seed = 1,
  { threshold = 0.5, reference = {} }: TinyOptions = {},
): Promise<void> {
  const random = createRandom(seed);
  const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal() * 0.3);
  const forest = fitForest({ rows: draw(100 * WIDTH), columns: WIDTH, random, trees: 10 });
  const [units, dense, hidden] = [4, 4, 8];
  const pieces = learnPieces(['connection refused by peer', 'out of memory', 'request completed'], 120);
  const weights = (shapes: Readonly<Record<string, number>>) =>
    new Map(Object.entries(shapes).map(([name, size]) => [name, draw(size)]));
  const contents: Readonly<Record<string, Uint8Array>> = {
    'forest.onnx': forestModel(forest),
    'forest.json': Buffer.from(JSON.stringify(encodeForest(forest))),
    'lstm.onnx': predictorModel(
      weights({
        'lstm.input': WIDTH * 4 * units,
        'lstm.recurrent': units * 4 * units,
        'lstm.bias': 4 * units,
        'dense.weight': units * dense,
        'dense.bias': dense,
        'out.weight': dense,
        'out.bias': 1,
      }),
      {
        shape: { steps: SEQUENCE, features: WIDTH, units, dense },
        standard: { mean: new Float32Array(WIDTH), deviation: new Float32Array(WIDTH).fill(1) },
        calibration: { slope: 1, offset: 0 },
      },
    ),
    'bert.onnx': classifierModel(
      weights({
        embedding: pieces.length * hidden,
        'norm.gain': hidden,
        'norm.bias': hidden,
        'layer0.qkv.weight': hidden * 3 * hidden,
        'layer0.qkv.bias': 3 * hidden,
        'layer0.out.weight': hidden * hidden,
        'layer0.out.bias': hidden,
        'layer0.norm1.gain': hidden,
        'layer0.norm1.bias': hidden,
        'layer0.wide.weight': hidden * 4 * hidden,
        'layer0.wide.bias': 4 * hidden,
        'layer0.narrow.weight': 4 * hidden * hidden,
        'layer0.narrow.bias': hidden,
        'layer0.norm2.gain': hidden,
        'layer0.norm2.bias': hidden,
        'head.inner.weight': hidden * hidden,
        'head.inner.bias': hidden,
        'head.out.weight': hidden * CATEGORIES.length,
        'head.out.bias': CATEGORIES.length,
      }),
      {
        shape: { pieces: pieces.length, hidden, layers: 1, heads: 2, maxLength: 64 },
        classes: CATEGORIES.length,
        int8: true,
      },
    ),
    'pieces.json': Buffer.from(JSON.stringify(pieces)),
    'reference.json': Buffer.from(JSON.stringify(reference)),
  };
  const file = (name: string) => describeFile(name, contents[name]!);
  const set: ArtifactSet = {
    manifest: {
      version: `tiny-${seed}`,
      trainedAt: '2026-11-20T10:00:00.000Z',
      seed,
      features: [...FEATURES],
      sequence: SEQUENCE,
      forest: { file: file('forest.onnx'), trees: file('forest.json'), threshold: 0.5 },
      lstm: { file: file('lstm.onnx'), threshold, horizonMs: 300_000 },
      bert: { file: file('bert.onnx'), pieces: file('pieces.json'), categories: CATEGORIES, maxPieces: 64 },
      reference: { file: file('reference.json') },
    },
    files: new Map(Object.entries(contents).map(([name, content]) => [name, Buffer.from(content)])),
  };
  await writeArtifacts(dir, set);
}

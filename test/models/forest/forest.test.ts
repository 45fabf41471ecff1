import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { forestModel } from '../../../models/forest/export.ts';
import { fitForest } from '../../../models/forest/fit.ts';
import { roundedDown } from '../../../models/forest/rounding.ts';
import { contaminationThreshold, createScorer } from '../../../models/forest/score.ts';
import { depths, type Forest } from '../../../models/forest/tree.ts';
import { createRandom } from '../../../models/graph/random.ts';
import { floatsOf, openSession, tensors } from '../../../models/graph/runtime.ts';

interface Case {
  readonly sampleSize: number;
  readonly columns: number;
  readonly offset: number;
  readonly trees: readonly Record<'feature' | 'threshold' | 'left' | 'right' | 'samples', number[]>[];
  readonly rows: readonly number[][];
  readonly scores: readonly number[];
  readonly outliers: readonly boolean[];
  readonly trainScores: readonly number[];
}

const table = JSON.parse(
  readFileSync(new URL('../../cases/isolation-forest.json', import.meta.url), 'utf8'),
) as Case;

const peer: Forest = {
  sampleSize: table.sampleSize,
  columns: table.columns,
  trees: table.trees.map((tree) => ({
    feature: Int32Array.from(tree.feature),
    threshold: Float64Array.from(tree.threshold),
    left: Int32Array.from(tree.left),
    right: Int32Array.from(tree.right),
    samples: Int32Array.from(tree.samples),
  })),
};

async function scoreByOnnx(forest: Forest, rows: Float32Array): Promise<Float32Array> {
  const session = await openSession(forestModel(forest));
  const x = (await tensors()).floats(rows, [rows.length / forest.columns, forest.columns]);
  return floatsOf(await session.run({ x }), 'score');
}

describe("scikit-learn's trees", () => {
  const rows = Float32Array.from(table.rows.flat());

  it("get scikit-learn's scores, from the scorer and from the ONNX model", async () => {
    const own = createScorer(peer).score(rows);
    const exported = await scoreByOnnx(peer, rows);
    expect(own).toHaveLength(table.scores.length);
    for (const [index, score] of table.scores.entries()) {
      expect(Math.abs(own[index]! - score)).toBeLessThan(1e-6);
      expect(Math.abs(exported[index]! - score)).toBeLessThan(1e-6);
    }
  });

  it('find the same outliers at a contamination of 10 %', () => {
    const threshold = contaminationThreshold(Float32Array.from(table.trainScores), 0.1);
    expect(threshold).toBeCloseTo(table.offset, 6);
    const outliers = Array.from(createScorer(peer).score(rows), (score) => score > threshold);
    expect(outliers).toEqual(table.outliers);
  });
});

function cloud(count: number, columns: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count * columns }, () => random.normal());
}

describe('a forest grown here', () => {
  const forest = fitForest({ rows: cloud(1000, 5, 1), columns: 5, random: createRandom(2) });
  const scorer = createScorer(forest);

  it('gives rows far from the rest higher scores, whichever way they lie', () => {
    const usual = scorer.score(cloud(500, 5, 3));
    const strange = scorer.score(cloud(500, 5, 4).map((value) => value * 6));
    const threshold = contaminationThreshold(usual, 0.05);
    expect(strange.filter((score) => score > threshold).length).toBeGreaterThan(480);
  });

  it('blames the column that is unusual', () => {
    for (let column = 0; column < 5; column++) {
      const row = new Float32Array(5);
      row[column] = 9;
      const blame = scorer.blame(row);
      expect(blame.indexOf(Math.max(...blame))).toBe(column);
    }
  });

  it('has trees as deep as its sample allows, each from the whole sample, split in two at every node', () => {
    expect(forest.trees).toHaveLength(100);
    for (const tree of forest.trees) {
      expect(tree.samples[0]).toBe(256);
      expect(Math.max(...depths(tree))).toBeLessThanOrEqual(8);
      for (const [node, left] of tree.left.entries())
        if (left >= 0)
          expect(tree.samples[left]! + tree.samples[tree.right[node]!]!).toBe(tree.samples[node]);
    }
  });

  it('is the same for the same seed, and another for another', () => {
    const grow = (seed: number) =>
      fitForest({ rows: cloud(300, 3, 1), columns: 3, random: createRandom(seed) });
    expect(grow(5)).toEqual(grow(5));
    expect(grow(6)).not.toEqual(grow(5));
  });

  it('scores as its ONNX model does, to the last row', async () => {
    const rows = cloud(400, 5, 8);
    const exported = await scoreByOnnx(forest, rows);
    for (const [index, score] of scorer.score(rows).entries())
      expect(Math.abs(exported[index]! - score)).toBeLessThan(1e-6);
  });
});

describe('data a forest cannot use', () => {
  it('is refused with the row and the column', () => {
    const rows = cloud(10, 3, 1);
    rows[7] = Number.NaN;
    expect(() => fitForest({ rows, columns: 3, random: createRandom(1) })).toThrow(
      'column 1 of row 2 is not finite',
    );
    expect(() => fitForest({ rows: new Float32Array(0), columns: 3, random: createRandom(1) })).toThrow(
      'needs rows of 3 columns',
    );
  });

  it('of equal rows makes trees of one leaf, and every row the same score', () => {
    const rows = new Float32Array(30).fill(4);
    const forest = fitForest({ rows, columns: 3, random: createRandom(1), trees: 5 });
    expect(forest.trees.every((tree) => tree.feature.length === 1)).toBe(true);
    expect(new Set(createScorer(forest).score(rows)).size).toBe(1);
  });
});

describe('a threshold in float32', () => {
  it.each([0.1, -0.1, 1e-50, -1e-50, 3, 16777217])('is never above %d', (value) => {
    const down = roundedDown(value);
    expect(Math.fround(down)).toBe(down);
    expect(down).toBeLessThanOrEqual(value);
    expect(Math.abs(down - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-6 + 1e-44);
  });
});

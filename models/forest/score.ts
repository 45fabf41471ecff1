/** Scores of an Isolation Forest, 0 to 1: about 0.5 is usual, near 1 is isolated at once. scikit-learn's, negated. */
import { averageDepth, depths, type Forest, LEAF, type Tree } from './tree.ts';

export interface Scorer {
  /** Scores rows of `columns` values each, one after the other. */
  score(rows: Float32Array): Float32Array;
  /**
   * How much each column had to do with isolating a row: for every split on its way the share of rows it left behind,
   * beyond an even split's. What an explanation names.
   */
  blame(row: Float32Array): Float64Array;
}

/** Prepares a forest for scoring without ONNX Runtime. */
export function createScorer({ trees, sampleSize, columns }: Forest): Scorer {
  const lengths = trees.map(pathLengths);
  const blames = trees.map(blameOfNodes);
  const scale = -1 / (trees.length * averageDepth(sampleSize) || 1);
  const leafOf = (tree: Tree, rows: Float32Array, offset: number): number => {
    let node = 0;
    for (;;) {
      const feature = tree.feature[node]!;
      if (feature === LEAF) return node;
      node = rows[offset + feature]! <= tree.threshold[node]! ? tree.left[node]! : tree.right[node]!;
    }
  };
  return {
    score: (rows) =>
      Float32Array.from({ length: rows.length / columns }, (_, row) => {
        let sum = 0;
        for (const [index, tree] of trees.entries())
          sum += lengths[index]![leafOf(tree, rows, row * columns)]!;
        return 2 ** (sum * scale);
      }),
    blame: (row) => {
      const shares = new Float64Array(columns);
      for (const [index, tree] of trees.entries()) blameTree(tree, blames[index]!, row, shares);
      return shares;
    },
  };
}

/** By node: the depth a row that ends in it has, with what the leaf's own rows would add. */
export function pathLengths(tree: Tree): Float64Array {
  const depth = depths(tree);
  return Float64Array.from(depth, (levels, node) => levels + averageDepth(tree.samples[node]!));
}

/** By node: the blame that the split above it gets from rows that go there. */
function blameOfNodes({ feature, left, right, samples }: Tree): Float64Array {
  const blame = new Float64Array(feature.length);
  for (let node = 0; node < feature.length; node++) {
    if (feature[node] === LEAF) continue;
    for (const next of [left[node]!, right[node]!])
      blame[next] = Math.max(0, Math.log2(samples[node]! / (2 * Math.max(1, samples[next]!))));
  }
  return blame;
}

function blameTree(tree: Tree, blame: Float64Array, row: Float32Array, shares: Float64Array): void {
  let node = 0;
  for (;;) {
    const feature = tree.feature[node]!;
    if (feature === LEAF) return;
    node = row[feature]! <= tree.threshold[node]! ? tree.left[node]! : tree.right[node]!;
    shares[feature]! += blame[node]!;
  }
}

/** The score that a share `contamination` (0 to 1) of these scores exceeds. */
export function contaminationThreshold(scores: Float32Array, contamination: number): number {
  const sorted = Float64Array.from(scores).sort();
  const at = (1 - contamination) * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

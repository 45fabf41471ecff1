/**
 * An Isolation Forest (Liu, Ting, Zhou, 2008): trees of random splits; what is isolated after few splits is unusual.
 * Trees as arrays by node, as scikit-learn holds them, so that its trees can be read and scored too.
 */
export interface Tree {
  /** Column that a node splits by; −2: a leaf. */
  readonly feature: Int32Array;
  /** Goes left if the value is ≤ this. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Training rows that reached the node. */
  readonly samples: Int32Array;
}

export interface Forest {
  readonly trees: readonly Tree[];
  /** Rows that each tree was grown from. */
  readonly sampleSize: number;
  readonly columns: number;
}

export const LEAF = -2;

const EULER = 0.5772156649015329;

/** Mean depth at which a search in a random tree of `count` rows ends; the depth a leaf of that many still hides. */
export function averageDepth(count: number): number {
  if (count <= 1) return 0;
  if (count === 2) return 1;
  return 2 * (Math.log(count - 1) + EULER) - (2 * (count - 1)) / count;
}

/** Depth of each node of a tree, the root's being 0. Children come after their parents. */
export function depths({ feature, left, right }: Tree): Int32Array {
  const depth = new Int32Array(feature.length);
  for (let node = 0; node < feature.length; node++) {
    if (feature[node] === LEAF) continue;
    depth[left[node]!] = depth[node]! + 1;
    depth[right[node]!] = depth[node]! + 1;
  }
  return depth;
}

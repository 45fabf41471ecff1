/** A forest as JSON, small: thresholds in float32 precision, as the ONNX model has them. */
import { roundedDown } from './rounding.ts';
import type { Forest } from './tree.ts';

interface StoredForest {
  readonly sampleSize: number;
  readonly columns: number;
  /** By tree: feature, threshold, left, right, samples of each node. */
  readonly trees: readonly (readonly [number[], number[], number[], number[], number[]])[];
}

export const encodeForest = ({ trees, sampleSize, columns }: Forest): StoredForest => ({
  sampleSize,
  columns,
  trees: trees.map(({ feature, threshold, left, right, samples }) => [
    [...feature],
    Array.from(threshold, (value) => Number(roundedDown(value).toPrecision(9))),
    [...left],
    [...right],
    [...samples],
  ]),
});

/** Throws an Error if it is not what `encodeForest` wrote. */
export function decodeForest(stored: unknown): Forest {
  const { trees, sampleSize, columns } = stored as StoredForest;
  if (!Array.isArray(trees) || !Number.isInteger(sampleSize) || !Number.isInteger(columns))
    throw new Error('a stored forest has trees, sampleSize and columns');
  return {
    sampleSize,
    columns,
    trees: trees.map(([feature, threshold, left, right, samples]) => ({
      feature: Int32Array.from(feature),
      threshold: Float64Array.from(threshold),
      left: Int32Array.from(left),
      right: Int32Array.from(right),
      samples: Int32Array.from(samples),
    })),
  };
}

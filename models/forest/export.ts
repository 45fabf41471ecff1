/**
 * An Isolation Forest as an ONNX model: input `x` [batch, columns], output `score` [batch, 1]. Thresholds are rounded
 * down to float32, so that comparing a float32 value gives what comparing with the exact threshold gives.
 */

import { Graph } from '../graph/graph.ts';
import { roundedDown } from './rounding.ts';
import { pathLengths } from './score.ts';
import { averageDepth, type Forest, LEAF } from './tree.ts';

/** The operators that score a forest, appended to a graph. Answers [batch, 1]. */
export function forestModel(forest: Forest): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', ['batch', forest.columns]);
  const sum = graph.node('TreeEnsembleRegressor', [x], ['batch', 1], treeAttributes(forest), 'ai.onnx.ml');
  const scale = -1 / (forest.trees.length * averageDepth(forest.sampleSize) || 1);
  const exponent = graph.node('Mul', [sum, graph.scalar(scale)], ['batch', 1]);
  graph.output(graph.node('Pow', [graph.scalar(2), exponent], ['batch', 1]), 'score');
  return graph.bytes();
}

function treeAttributes({ trees }: Forest) {
  const nodes = trees.flatMap((tree, id) => {
    const lengths = pathLengths(tree);
    return Array.from(tree.feature, (feature, node) => ({
      id,
      node,
      leaf: feature === LEAF,
      feature: Math.max(0, feature),
      threshold: roundedDown(tree.threshold[node]!),
      left: Math.max(0, tree.left[node]!),
      right: Math.max(0, tree.right[node]!),
      length: lengths[node]!,
    }));
  });
  const leaves = nodes.filter(({ leaf }) => leaf);
  return {
    nodes_treeids: nodes.map(({ id }) => id),
    nodes_nodeids: nodes.map(({ node }) => node),
    nodes_featureids: nodes.map(({ feature }) => feature),
    nodes_values: { floats: nodes.map(({ leaf, threshold }) => (leaf ? 0 : threshold)) },
    nodes_modes: nodes.map(({ leaf }) => (leaf ? 'LEAF' : 'BRANCH_LEQ')),
    nodes_truenodeids: nodes.map(({ left }) => left),
    nodes_falsenodeids: nodes.map(({ right }) => right),
    target_treeids: leaves.map(({ id }) => id),
    target_nodeids: leaves.map(({ node }) => node),
    target_ids: leaves.map(() => 0),
    target_weights: { floats: leaves.map(({ length }) => length) },
    n_targets: 1,
    aggregate_function: 'SUM',
  };
}

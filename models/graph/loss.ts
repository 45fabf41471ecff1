/**
 * Losses: a weighted mean over the rows of a batch, Σ wᵢ·lossᵢ / Σ wᵢ. A weight carries the class weight, and is 0 for
 * a row that only fills the batch up.
 */
import { multiplied } from './activation.ts';
import { elementwise } from './arithmetic.ts';
import type { Graph, Value } from './graph.ts';

const TINY = 1e-12;

/** Binary cross-entropy with logits; logits, targets (0 to 1) and weights have the shape [n, 1]. */
export function binaryCrossEntropy(graph: Graph, logits: Value, targets: Value, weights: Value): Value {
  const softplus = graph.node('Softplus', [logits], logits.shape);
  const each = elementwise(graph, 'Sub', softplus, multiplied(graph, logits, targets));
  const share = shares(graph, weights);
  const loss = total(graph, multiplied(graph, each, share));
  graph.record([loss], [logits], (g) => {
    const miss = elementwise(graph, 'Sub', graph.node('Sigmoid', [logits], logits.shape), targets);
    return [multiplied(graph, g!, share, miss)];
  });
  return loss;
}

/** Cross-entropy of logits [n, classes] with class numbers [n] (int32) and weights [n, 1]. */
export function crossEntropy(graph: Graph, logits: Value, labels: Value, weights: Value): Value {
  const classes = Number(logits.shape[1]);
  const log = graph.node('LogSoftmax', [logits], logits.shape, { axis: -1 });
  const wide = graph.node('Cast', [labels], labels.shape, { to: 7 });
  const range = graph.constant(Float32Array.of(0, 1), [2]);
  const oneHot = graph.node('OneHot', [wide, graph.integers([classes]), range], logits.shape);
  const share = shares(graph, weights);
  const loss = graph.node(
    'Neg',
    [total(graph, multiplied(graph, multiplied(graph, log, oneHot), share))],
    [],
  );
  graph.record([loss], [logits], (g) => {
    const miss = elementwise(graph, 'Sub', graph.node('Exp', [log], log.shape), oneHot);
    return [multiplied(graph, g!, multiplied(graph, miss, share))];
  });
  return loss;
}

const total = (graph: Graph, x: Value): Value => graph.node('ReduceSum', [x], [], { keepdims: 0 });

const shares = (graph: Graph, weights: Value): Value =>
  elementwise(graph, 'Div', weights, elementwise(graph, 'Add', total(graph, weights), graph.scalar(TINY)));

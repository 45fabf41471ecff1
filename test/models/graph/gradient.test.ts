import { describe, expect, it } from 'vitest';
import { gelu, relu, sigmoid, softmax, tanh } from '../../../models/graph/activation.ts';
import { add, multiply, scale } from '../../../models/graph/arithmetic.ts';
import { gradients } from '../../../models/graph/gradient.ts';
import { Graph, type Value } from '../../../models/graph/graph.ts';
import { binaryCrossEntropy, crossEntropy } from '../../../models/graph/loss.ts';
import { batchProduct, gather, linear, reshape, split, transpose } from '../../../models/graph/matrix.ts';
import { layerNorm } from '../../../models/graph/normalization.ts';
import { lastStep, lstm } from '../../../models/graph/recurrent.ts';
import { gradientError, weighed } from './gradient-check.ts';

type Build = (graph: Graph, inputs: readonly Value[]) => Value;

const unary =
  (operation: (graph: Graph, x: Value) => Value): Build =>
  (graph, [x]) =>
    weighed(graph, operation(graph, x!));

const CASES: readonly [string, readonly (readonly number[])[], Build][] = [
  ['sigmoid', [[3, 4]], unary(sigmoid)],
  ['tanh', [[3, 4]], unary(tanh)],
  ['relu', [[3, 4]], unary(relu)],
  ['gelu', [[3, 4]], unary(gelu)],
  ['softmax', [[2, 3, 5]], unary(softmax)],
  ['scale', [[3]], unary((graph, x) => scale(graph, x, 2.5))],
  ['transpose', [[2, 3, 4]], unary((graph, x) => transpose(graph, x, [2, 0, 1]))],
  ['reshape', [[2, 6]], unary((graph, x) => tanh(graph, reshape(graph, x, [3, 4])))],
  ['a part of a split', [[2, 6]], unary((graph, x) => tanh(graph, split(graph, x, 1, [2, 3, 1])[1]!))],
  ['addition of a broadcast row', [[3, 4], [4]], (graph, [x, y]) => weighed(graph, add(graph, x!, y!))],
  [
    'addition of a broadcast column',
    [
      [3, 4],
      [3, 1],
    ],
    (graph, [x, y]) => weighed(graph, add(graph, x!, y!)),
  ],
  [
    'multiplication',
    [
      [3, 4],
      [1, 4],
    ],
    (graph, [x, y]) => weighed(graph, multiply(graph, x!, y!)),
  ],
  ['a value used twice', [[3]], (graph, [x]) => weighed(graph, multiply(graph, x!, tanh(graph, x!)))],
  [
    'a product of stacked matrices',
    [
      [2, 3, 4],
      [2, 4, 2],
    ],
    (graph, [x, y]) => weighed(graph, batchProduct(graph, x!, y!)),
  ],
  [
    'a linear layer over a sequence',
    [[2, 3, 4], [4, 5], [5]],
    (graph, [x, w, b]) => weighed(graph, linear(graph, x!, w!, b!)),
  ],
  [
    'layer normalization',
    [[2, 3, 6], [6], [6]],
    (graph, [x, gain, bias]) => weighed(graph, layerNorm(graph, x!, gain!, bias!)),
  ],
  [
    'rows gathered more than once',
    [[4, 3]],
    (graph, [table]) => {
      const rows = graph.constant(Int32Array.of(2, 0, 2, 1), [2, 2]);
      return weighed(graph, tanh(graph, gather(graph, table!, rows)));
    },
  ],
  [
    'binary cross-entropy with class weights',
    [[4, 1]],
    (graph, [logits]) => {
      const targets = graph.constant(Float32Array.of(1, 0, 0, 1), [4, 1]);
      const weights = graph.constant(Float32Array.of(3, 1, 0, 3), [4, 1]);
      return binaryCrossEntropy(graph, logits!, targets, weights);
    },
  ],
  [
    'cross-entropy with class weights',
    [[4, 3]],
    (graph, [logits]) => {
      const labels = graph.constant(Int32Array.of(2, 0, 1, 2), [4]);
      const weights = graph.constant(Float32Array.of(0.5, 2, 1, 0), [4, 1]);
      return crossEntropy(graph, logits!, labels, weights);
    },
  ],
  [
    'an LSTM layer, all steps',
    [[3, 2, 4], [4, 12], [3, 12], [12]],
    (graph, [x, input, recurrent, bias]) =>
      weighed(graph, lstm(graph, x!, { input: input!, recurrent: recurrent!, bias: bias! })),
  ],
  [
    'an LSTM layer, the last step',
    [[3, 2, 4], [4, 12], [3, 12], [12]],
    (graph, [x, input, recurrent, bias]) => {
      const hidden = lstm(graph, x!, { input: input!, recurrent: recurrent!, bias: bias! });
      return weighed(graph, lastStep(graph, hidden, 3));
    },
  ],
];

describe('gradients that a graph computes', () => {
  it.each(CASES)('agree with differences of the loss: %s', async (_, shapes, build) => {
    expect(await gradientError(shapes, build, 0.8)).toBeLessThan(5e-3);
  });

  it('are wrong when the backward pass is wrong, and the check notices', async () => {
    const wrong = unary((graph, x) => {
      const y = graph.node('Tanh', [x], x.shape);
      graph.record([y], [x], (g) => [g!]);
      return y;
    });
    expect(await gradientError([[3, 4]], wrong)).toBeGreaterThan(0.05);
  });

  it('refuse a parameter that the loss does not depend on', () => {
    const graph = new Graph();
    const [used, idle] = [graph.input('used', [2]), graph.input('idle', [2])];
    expect(() => gradients(graph, weighed(graph, used), [used, idle])).toThrow(
      'the loss does not depend on parameter idle',
    );
  });
});

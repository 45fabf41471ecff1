/**
 * The failure predictor: 20 windows × 16 features of a service → probability of an incident within the horizon.
 * LSTM(128) → dropout 0.2 → dense 64, ReLU → dense 1, sigmoid. Trained unrolled and with a fixed batch; served by
 * ONNX's LSTM operator with any batch, standardisation and calibration in the same file.
 */
import { relu } from '../graph/activation.ts';
import { dropout, elementwise } from '../graph/arithmetic.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { binaryCrossEntropy } from '../graph/loss.ts';
import { linear } from '../graph/matrix.ts';
import { constants, type Declare, glorot, type Weights } from '../graph/parameters.ts';
import { lastStep, lstm, lstmOperator } from '../graph/recurrent.ts';

export interface PredictorShape {
  readonly steps: number;
  readonly features: number;
  readonly units: number;
  readonly dense: number;
}

export const PREDICTOR: PredictorShape = { steps: 20, features: 16, units: 128, dense: 64 };

const DROPOUT = 0.2;

/** Mean and deviation of each feature over the training data. */
export interface Standard {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Probability = sigmoid(slope · logit + offset); Platt (1999). */
export interface Calibration {
  readonly slope: number;
  readonly offset: number;
}

/** Inputs `x` [steps, batch, features] (standardised), `target` and `weight` [batch, 1]. */
export function predictorLoss(
  graph: Graph,
  declare: Declare,
  { shape, batch, seed }: { shape: PredictorShape; batch: number; seed: number },
): Value {
  const { steps, features, units } = shape;
  const hidden = lstm(graph, graph.input('x', [steps, batch, features]), {
    input: declare('lstm.input', [features, 4 * units], glorot(features, units)),
    recurrent: declare('lstm.recurrent', [units, 4 * units], glorot(units, units)),
    bias: declare('lstm.bias', [4 * units], { value: 0 }),
  });
  const last = dropout(graph, lastStep(graph, hidden, steps), DROPOUT, seed);
  const logits = head(graph, declare, last, shape);
  return binaryCrossEntropy(
    graph,
    logits,
    graph.input('target', [batch, 1]),
    graph.input('weight', [batch, 1]),
  );
}

function head(graph: Graph, declare: Declare, x: Value, { units, dense }: PredictorShape): Value {
  const weight = declare('dense.weight', [units, dense], glorot(units, dense));
  const bias = declare('dense.bias', [dense], { value: 0 });
  const out = declare('out.weight', [dense, 1], glorot(dense, 1));
  return linear(
    graph,
    relu(graph, linear(graph, x, weight, bias)),
    out,
    declare('out.bias', [1], { value: 0 }),
  );
}

/** The served model: `x` [batch, steps, features] as they are → `p` [batch, 1]. */
export function predictorModel(
  weights: Weights,
  { shape, standard, calibration }: { shape: PredictorShape; standard: Standard; calibration: Calibration },
): Uint8Array {
  const { steps, features } = shape;
  const graph = new Graph();
  const x = graph.input('x', ['batch', steps, features]);
  const centred = elementwise(graph, 'Sub', x, graph.constant(standard.mean, [features]));
  const scaled = elementwise(graph, 'Div', centred, graph.constant(standard.deviation, [features]));
  const turned = graph.node('Transpose', [scaled], [steps, 'batch', features], { perm: [1, 0, 2] });
  const { last } = lstmOperator(graph, turned, {
    input: weights.get('lstm.input')!,
    recurrent: weights.get('lstm.recurrent')!,
    bias: weights.get('lstm.bias')!,
  });
  const logits = head(graph, constants(graph, weights), last, shape);
  const sloped = elementwise(graph, 'Mul', logits, graph.scalar(calibration.slope));
  const moved = elementwise(graph, 'Add', sloped, graph.scalar(calibration.offset));
  graph.output(graph.node('Sigmoid', [moved], ['batch', 1]), 'p');
  return graph.bytes();
}

/**
 * The network that guesses a session's next event (Du et al., DeepLog, 2017): embedding → LSTM → LSTM → one score per
 * event. Trained unrolled over stretches of `LENGTH` steps, served by ONNX's LSTM operator over any number of steps.
 */
import { dropout } from '../../graph/arithmetic.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { crossEntropy } from '../../graph/loss.ts';
import { gather, linear, reshape } from '../../graph/matrix.ts';
import { type Declare, glorot, type Weights } from '../../graph/parameters.ts';
import { lstm, lstmOperator } from '../../graph/recurrent.ts';
import type { Shape } from '../../graph/shape.ts';

const EMBEDDING = 32;
const UNITS = 64;
const DROPOUT = 0.1;
const LAYERS = ['first', 'second'] as const;

/** Inputs `tokens`, `targets` [steps·batch] and `weights` [steps·batch, 1], step by step. */
export function sequenceLoss(
  graph: Graph,
  declare: Declare,
  { steps, batch, tokens, seed }: { steps: number; batch: number; tokens: number; seed: number },
): Value {
  const rows = steps * batch;
  let x = gather(graph, embedding(declare, tokens), graph.input('tokens', [rows], 'int32'));
  for (const layer of LAYERS) {
    const width = layer === 'first' ? EMBEDDING : UNITS;
    const hidden = lstm(graph, reshape(graph, x, [steps, batch, width]), {
      input: declare(`${layer}.input`, [width, 4 * UNITS], glorot(width, UNITS)),
      recurrent: declare(`${layer}.recurrent`, [UNITS, 4 * UNITS], glorot(UNITS, UNITS)),
      bias: declare(`${layer}.bias`, [4 * UNITS], { value: 0 }),
    });
    x = dropout(graph, hidden, DROPOUT, seed + width);
  }
  const targets = graph.input('targets', [rows], 'int32');
  return crossEntropy(graph, scores(graph, declare, x, tokens), targets, graph.input('weights', [rows, 1]));
}

const embedding = (declare: Declare, tokens: number): Value =>
  declare('embedding', [tokens, EMBEDDING], { normal: 0.3 });

const scores = (graph: Graph, declare: Declare, x: Value, tokens: number): Value =>
  linear(
    graph,
    x,
    declare('out.weight', [UNITS, tokens], glorot(UNITS, tokens)),
    declare('out.bias', [tokens], { value: 0 }),
  );

/**
 * The served model of several networks: `tokens` [steps, batch] (int32) → `logp` [steps, batch, tokens], the logarithm
 * of their mean probability.
 */
export function sequenceModel(members: readonly Weights[], tokens: number): Uint8Array {
  const graph = new Graph();
  const ids = graph.input('tokens', ['steps', 'batch'], 'int32');
  const shape = ['steps', 'batch', tokens];
  const all = members.map((weights) => probabilities(graph, weights, ids, shape));
  const mean = graph.node('Mean', all, shape);
  const floor = graph.node('Max', [mean, graph.scalar(1e-30)], shape);
  graph.output(graph.node('Log', [floor], shape), 'logp');
  return graph.bytes();
}

function probabilities(graph: Graph, weights: Weights, ids: Value, shape: Shape): Value {
  const tokens = Number(shape.at(-1));
  const declare: Declare = (name, dims) => graph.constant(weights.get(name)!, dims);
  const table = embedding(declare, tokens);
  let x = graph.node('Gather', [table, ids], ['steps', 'batch', EMBEDDING], { axis: 0 });
  for (const layer of LAYERS)
    x = lstmOperator(graph, x, {
      input: weights.get(`${layer}.input`)!,
      recurrent: weights.get(`${layer}.recurrent`)!,
      bias: weights.get(`${layer}.bias`)!,
    }).all;
  return graph.node('Softmax', [scores(graph, declare, x, tokens)], shape, { axis: -1 });
}

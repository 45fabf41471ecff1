/** BERT's two training graphs, masked pieces and categories, over the same encoder; and the served classifier. */
import { gelu, tanh } from '../graph/activation.ts';
import { dropout, elementwise } from '../graph/arithmetic.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { crossEntropy } from '../graph/loss.ts';
import { gather, linear, reshape, transpose } from '../graph/matrix.ts';
import { layerNorm } from '../graph/normalization.ts';
import { constants, type Declare, type Weights } from '../graph/parameters.ts';
import {
  type BertShape,
  embeddingTable,
  encode,
  type Linear,
  meanOfPieces,
  plainEmbedding,
  plainLinear,
} from './encoder.ts';
import { type Quantized, quantize, quantizedEmbedding, quantizedLinear } from './quantization.ts';

/** Small enough for a CPU: 0.7 ms for a message. */
export const bertShape = (pieces: number): BertShape => ({
  pieces,
  hidden: 128,
  layers: 2,
  heads: 2,
  maxLength: 64,
});

const DROPOUT = 0.1;

export interface BatchShape {
  readonly batch: number;
  readonly length: number;
}

/**
 * Masked-language-model loss: `ids` [batch, length], and for `guesses` places of the batch, numbered row by row:
 * `places` [guesses], the piece that was there `targets` [guesses], `weights` [guesses, 1] (0: no guess).
 */
export function maskedLoss(
  graph: Graph,
  declare: Declare,
  { shape, batch, length, guesses, seed }: BatchShape & { shape: BertShape; guesses: number; seed: number },
): Value {
  const ids = graph.input('ids', [batch, length], 'int32');
  const table = embeddingTable(declare, shape);
  const embed = plainEmbedding(table);
  const hidden = encode(graph, declare, ids, {
    shape,
    seed,
    dropout: DROPOUT,
    linear: plainLinear(declare),
    embed,
  });
  const rows = reshape(graph, hidden, [batch * length, shape.hidden]);
  const places = gather(graph, rows, graph.input('places', [guesses], 'int32'));
  const layer = { name: 'guess.transform', from: shape.hidden, to: shape.hidden };
  const transformed = gelu(graph, plainLinear(declare)(graph, places, layer));
  const normal = layerNorm(
    graph,
    transformed,
    declare('guess.norm.gain', [shape.hidden], { value: 1 }),
    declare('guess.norm.bias', [shape.hidden], { value: 0 }),
  );
  const bias = declare('guess.bias', [shape.pieces], { value: 0 });
  const scores = linear(graph, normal, transpose(graph, table, [1, 0]), bias);
  return crossEntropy(
    graph,
    scores,
    graph.input('targets', [guesses], 'int32'),
    graph.input('weights', [guesses, 1]),
  );
}

/** Classification loss: `ids` [batch, length], `labels` [batch], `weights` [batch, 1]. */
export function categoryLoss(
  graph: Graph,
  declare: Declare,
  { shape, batch, length, classes, seed }: BatchShape & { shape: BertShape; classes: number; seed: number },
): Value {
  const ids = graph.input('ids', [batch, length], 'int32');
  const embed = plainEmbedding(embeddingTable(declare, shape));
  const plain = plainLinear(declare);
  const hidden = encode(graph, declare, ids, { shape, seed, dropout: DROPOUT, linear: plain, embed });
  const pooled = dropout(graph, meanOfPieces(graph, hidden, ids), DROPOUT, seed + 100);
  const scores = head(graph, plain, pooled, shape, classes);
  return crossEntropy(
    graph,
    scores,
    graph.input('labels', [batch], 'int32'),
    graph.input('weights', [batch, 1]),
  );
}

function head(graph: Graph, layer: Linear, pooled: Value, { hidden }: BertShape, classes: number): Value {
  const inner = tanh(graph, layer(graph, pooled, { name: 'head.inner', from: hidden, to: hidden }));
  return layer(graph, inner, { name: 'head.out', from: hidden, to: classes });
}

export interface ClassifierOptions {
  readonly shape: BertShape;
  readonly classes: number;
  /** Weights of the linear layers and embeddings in int8: a quarter of the size. */
  readonly int8?: boolean;
  /** Divides the scores, so that probabilities mean what they say (Guo et al., 2017); 1 by default. */
  readonly temperature?: number;
}

/** The served model: `ids` [batch, length] (int32, 0 fills up) → `p` [batch, classes]. */
export function classifierModel(weights: Weights, options: ClassifierOptions): Uint8Array {
  const { shape, classes, int8 = false, temperature = 1 } = options;
  const graph = new Graph();
  const declare = constants(graph, weights);
  const ids = graph.input('ids', ['batch', 'length'], 'int32');
  const small = new Map<string, Quantized>();
  const quantized = (name: string, rows: number, columns: number): Quantized => {
    const found = small.get(name) ?? quantize(weights.get(name)!, rows, columns);
    small.set(name, found);
    return found;
  };
  const layer: Linear = int8
    ? (g, x, { name, from, to }) =>
        quantizedLinear(
          g,
          x,
          quantized(`${name}.weight`, from, to),
          declare(`${name}.bias`, [to], { value: 0 }),
        )
    : plainLinear(declare);
  const embed = int8
    ? quantizedEmbedding(quantized('embedding', shape.pieces, shape.hidden))
    : plainEmbedding(embeddingTable(declare, shape));
  const hidden = encode(graph, declare, ids, { shape, seed: 0, dropout: 0, linear: layer, embed });
  const scores = head(graph, layer, meanOfPieces(graph, hidden, ids), shape, classes);
  const cooled = elementwise(graph, 'Div', scores, graph.scalar(temperature));
  graph.output(graph.node('Softmax', [cooled], ['batch', classes], { axis: -1 }), 'p');
  return graph.bytes();
}

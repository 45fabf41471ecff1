/**
 * A small BERT (Devlin et al., 2018): embeddings, layers of self-attention and feed-forward, normalised after each.
 * Positions are sines (Vaswani et al., 2017), so that lengths never trained on work; the message is the mean over its
 * pieces. The same code builds the training graphs, of fixed shape, and the served one, of any batch and length.
 */
import { gelu, softmax } from '../graph/activation.ts';
import { add, dropout, elementwise, scale } from '../graph/arithmetic.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { batchProduct, gather, linear, reshape, split, transpose } from '../graph/matrix.ts';
import { layerNorm } from '../graph/normalization.ts';
import type { Declare } from '../graph/parameters.ts';
import type { Shape } from '../graph/shape.ts';

export interface BertShape {
  readonly pieces: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly maxLength: number;
}

/** A linear layer, by name; a served model may compute it in int8. */
export type Linear = (
  graph: Graph,
  x: Value,
  layer: { readonly name: string; readonly from: number; readonly to: number },
) => Value;

export interface EncoderOptions {
  readonly shape: BertShape;
  /** Share of values dropped in training; 0 when serving. */
  readonly dropout: number;
  readonly seed: number;
  readonly linear: Linear;
  readonly embed: (graph: Graph, ids: Value) => Value;
}

/** The usual linear layer: parameters `name.weight` and `name.bias`. */
export const plainLinear =
  (declare: Declare): Linear =>
  (graph, x, { name, from, to }) =>
    linear(
      graph,
      x,
      declare(`${name}.weight`, [from, to], { normal: 1 / Math.sqrt(from) }),
      declare(`${name}.bias`, [to], { value: 0 }),
    );

export const embeddingTable = (declare: Declare, { pieces, hidden }: BertShape): Value =>
  declare('embedding', [pieces, hidden], { normal: 0.05 });

/** Hidden values [batch, length, hidden] of ids [batch, length] (int32, 0 fills up). */
export function encode(graph: Graph, declare: Declare, ids: Value, options: EncoderOptions): Value {
  const { shape, seed } = options;
  const norm = (x: Value, name: string): Value =>
    layerNorm(
      graph,
      x,
      declare(`${name}.gain`, [shape.hidden], { value: 1 }),
      declare(`${name}.bias`, [shape.hidden], { value: 0 }),
    );
  let draws = seed;
  const drop = (x: Value): Value => dropout(graph, x, options.dropout, draws++);
  const embedded = options.embed(graph, ids);
  const placed = elementwise(graph, 'Add', embedded, positions(graph, ids, shape));
  graph.record([placed], [embedded], (g) => [g]);
  const bias = attentionBias(graph, ids);
  let x = drop(norm(placed, 'norm'));
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = `layer${layer}`;
    const linearTo = (y: Value, part: string, from: number, to: number): Value =>
      options.linear(graph, y, { name: `${name}.${part}`, from, to });
    const attended = attention(graph, linearTo(x, 'qkv', shape.hidden, 3 * shape.hidden), bias, shape);
    x = norm(add(graph, x, drop(linearTo(attended, 'out', shape.hidden, shape.hidden))), `${name}.norm1`);
    const wide = gelu(graph, linearTo(x, 'wide', shape.hidden, 4 * shape.hidden));
    x = norm(add(graph, x, drop(linearTo(wide, 'narrow', 4 * shape.hidden, shape.hidden))), `${name}.norm2`);
  }
  return x;
}

function attention(graph: Graph, qkv: Value, bias: Value, { hidden, heads }: BertShape): Value {
  const [batch, length] = qkv.shape as [number, number];
  const width = hidden / heads;
  const [q, k, v] = split(graph, qkv, 2, [hidden, hidden, hidden]) as [Value, Value, Value];
  const byHead = (x: Value, order: readonly number[]): Value =>
    transpose(graph, reshape(graph, x, [batch, length, heads, width]), order);
  const scores = batchProduct(graph, byHead(q, [0, 2, 1, 3]), byHead(k, [0, 2, 3, 1]));
  const masked = add(graph, scale(graph, scores, 1 / Math.sqrt(width)), bias);
  const mixed = batchProduct(graph, softmax(graph, masked), byHead(v, [0, 2, 1, 3]));
  return reshape(graph, transpose(graph, mixed, [0, 2, 1, 3]), [batch, length, hidden]);
}

/** 1 where there is a piece, 0 where the message is filled up; [batch, length]. */
export function pieceMask(graph: Graph, ids: Value): Value {
  const zero = graph.constant(Int32Array.of(0), []);
  const filled = graph.node('Equal', [ids, zero], ids.shape);
  const real = graph.node('Not', [filled], ids.shape);
  return graph.node('Cast', [real], ids.shape, { to: 1 });
}

/** 0 where attention may look, −10,000 elsewhere; [batch, 1, 1, length]. */
function attentionBias(graph: Graph, ids: Value): Value {
  const shape: Shape = [ids.shape[0]!, 1, 1, ids.shape[1]!];
  const mask = graph.node('Unsqueeze', [pieceMask(graph, ids), graph.integers([1, 2])], shape);
  const off = elementwise(graph, 'Sub', mask, graph.scalar(1));
  return elementwise(graph, 'Mul', off, graph.scalar(10_000));
}

/** The mean over a message's pieces; [batch, hidden]. */
export function meanOfPieces(graph: Graph, x: Value, ids: Value): Value {
  const [batch, length, hidden] = x.shape as [number, number, number];
  const mask = pieceMask(graph, ids);
  const count = graph.node('ReduceSum', [mask, graph.integers([1])], [batch, 1], { keepdims: 1 });
  // A row that only fills a batch up has no pieces, and must not divide by none.
  const share = elementwise(graph, 'Div', mask, graph.node('Max', [count, graph.scalar(1)], [batch, 1]));
  const row = graph.node('Unsqueeze', [share, graph.integers([1])], [batch, 1, length]);
  return reshape(graph, batchProduct(graph, row, x), [batch, hidden]);
}

/** Sines of the positions, cut to the length of the ids; [length, hidden]. */
function positions(graph: Graph, ids: Value, { hidden, maxLength }: BertShape): Value {
  const table = new Float32Array(maxLength * hidden);
  for (let position = 0; position < maxLength; position++)
    for (let at = 0; at < hidden; at += 2) {
      const angle = position / 10_000 ** (at / hidden);
      table[position * hidden + at] = 0.1 * Math.sin(angle);
      table[position * hidden + at + 1] = 0.1 * Math.cos(angle);
    }
  const all = graph.constant(table, [maxLength, hidden]);
  const shape = graph.node('Shape', [ids], [2]);
  const length = graph.node('Slice', [shape, graph.integers([1]), graph.integers([2])], [1]);
  const inputs = [all, graph.integers([0]), length, graph.integers([0])];
  return graph.node('Slice', inputs, [ids.shape[1]!, hidden]);
}

/** Embeds ids with the table that is trained. */
export const plainEmbedding =
  (table: Value) =>
  (graph: Graph, ids: Value): Value =>
    gather(graph, table, ids);

/**
 * int8 weights: each column of a matrix (each row of an embedding table) has a scale of its own, values are its
 * multiples from −127 to 127. ONNX Runtime quantises what goes into a layer while it runs.
 */
import { elementwise } from '../graph/arithmetic.ts';
import type { Graph, Value } from '../graph/graph.ts';

export interface Quantized {
  readonly values: Int8Array;
  /** By column. */
  readonly scales: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

const LIMIT = 127;

export function quantize(matrix: Float32Array, rows: number, columns: number): Quantized {
  const scales = new Float32Array(columns);
  for (let at = 0; at < matrix.length; at++)
    scales[at % columns] = Math.max(scales[at % columns]!, Math.abs(matrix[at]!));
  for (let column = 0; column < columns; column++) scales[column] = (scales[column] || 1) / LIMIT;
  const values = Int8Array.from(matrix, (value, at) => Math.round(value / scales[at % columns]!));
  return { values, scales, rows, columns };
}

/** x · w + b with w in int8. */
export function quantizedLinear(graph: Graph, x: Value, w: Quantized, bias: Value): Value {
  const shape = [...x.shape.slice(0, -1), w.columns];
  const [small, scale, zero] = graph.nodes('DynamicQuantizeLinear', [x], [x.shape, [], []]) as [
    Value,
    Value,
    Value,
  ];
  const weight = graph.constant(w.values, [w.rows, w.columns]);
  const sum = graph.node('MatMulInteger', [small, weight, zero], shape);
  const scales = elementwise(graph, 'Mul', scale, graph.constant(w.scales, [w.columns]));
  const wide = graph.node('Cast', [sum], shape, { to: 1 });
  return elementwise(graph, 'Add', elementwise(graph, 'Mul', wide, scales), bias);
}

/** Rows of a table in int8. */
export const quantizedEmbedding =
  (table: Quantized) =>
  (graph: Graph, ids: Value): Value => {
    const shape = [...ids.shape, table.columns];
    const values = graph.constant(table.values, [table.rows, table.columns]);
    const rows = graph.node('Gather', [values, ids], shape, { axis: 0 });
    const scales = graph.constant(table.scales, [table.columns]);
    return elementwise(graph, 'Mul', graph.node('Cast', [rows], shape, { to: 1 }), scales);
  };

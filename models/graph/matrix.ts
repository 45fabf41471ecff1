/** Products of matrices and changes of shape, and their gradients. */
import { elementwise } from './arithmetic.ts';
import type { Graph, Value } from './graph.ts';
import { type Dim, type Shape, sameShape, size } from './shape.ts';

/** General matrix product of two-dimensional values, either one transposed, plus `c` when given. */
export function gemm(
  graph: Graph,
  a: Value,
  b: Value,
  { transA = false, transB = false, c }: { transA?: boolean; transB?: boolean; c?: Value } = {},
): Value {
  const rows = a.shape[transA ? 1 : 0]!;
  const columns = b.shape[transB ? 0 : 1]!;
  return graph.node('Gemm', c === undefined ? [a, b] : [a, b, c], [rows, columns], {
    transA: Number(transA),
    transB: Number(transB),
  });
}

/** x · w + b over the last axis of x; b is a row. In a graph with a dynamic batch x may have any rank. */
export function linear(graph: Graph, x: Value, w: Value, b: Value): Value {
  const width = w.shape[1]!;
  if (x.shape.length === 2) return affine(graph, x, w, b);
  const shape = [...x.shape.slice(0, -1), width];
  if (x.shape.some((dim) => typeof dim === 'string'))
    return elementwise(graph, 'Add', graph.node('MatMul', [x, w], shape), b);
  const inner = Number(x.shape.at(-1));
  return reshape(graph, affine(graph, reshape(graph, x, [size(x.shape) / inner, inner]), w, b), shape);
}

function affine(graph: Graph, x: Value, w: Value, b: Value): Value {
  const y = gemm(graph, x, w, { c: b });
  graph.record([y], [x, w, b], (g) => [
    gemm(graph, g!, w, { transB: true }),
    gemm(graph, x, g!, { transA: true }),
    graph.node('ReduceSum', [g!, graph.integers([0])], b.shape, { keepdims: 0 }),
  ]);
  return y;
}

/** Matrix product over the last two axes, the axes before them equal. */
export function batchProduct(graph: Graph, a: Value, b: Value): Value {
  const product = (x: Value, y: Value): Value =>
    graph.node('MatMul', [x, y], [...x.shape.slice(0, -1), y.shape.at(-1)!]);
  const y = product(a, b);
  graph.record([y], [a, b], (g) => [product(g!, swapped(graph, b)), product(swapped(graph, a), g!)]);
  return y;
}

const swapped = (graph: Graph, x: Value): Value => {
  const axes = x.shape.map((_, axis) => axis);
  const order = [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!];
  return permuted(graph, x, order);
};

const permuted = (graph: Graph, x: Value, order: readonly number[]): Value =>
  graph.node(
    'Transpose',
    [x],
    order.map((axis) => x.shape[axis]!),
    { perm: order },
  );

export function transpose(graph: Graph, x: Value, order: readonly number[]): Value {
  const y = permuted(graph, x, order);
  const inverse = order.map((_, axis) => order.indexOf(axis));
  graph.record([y], [x], (g) => [permuted(graph, g!, inverse)]);
  return y;
}

const reshaped = (graph: Graph, x: Value, shape: Shape): Value => {
  if (sameShape(x.shape, shape)) return x;
  const dims = shape.map((dim: Dim, at) => (typeof dim !== 'string' ? dim : dim === x.shape[at] ? 0 : -1));
  return graph.node('Reshape', [x, graph.integers(dims)], shape);
};

/** Same elements, another shape; a word that x does not have at the same place stands for what is left. */
export function reshape(graph: Graph, x: Value, shape: Shape): Value {
  const y = reshaped(graph, x, shape);
  if (y !== x) graph.record([y], [x], (g) => [reshaped(graph, g!, x.shape)]);
  return y;
}

/** Cuts x along an axis into parts of these sizes. */
export function split(graph: Graph, x: Value, axis: number, parts: readonly number[]): Value[] {
  const shapes = parts.map((part) => x.shape.map((dim, at) => (at === axis ? part : dim)));
  const pieces = graph.nodes('Split', [x, graph.integers(parts)], shapes, { axis });
  graph.record(pieces, [x], (...g) => {
    const whole = g.map((one, index) => one ?? zeros(graph, shapes[index]!));
    return [graph.node('Concat', whole, x.shape, { axis })];
  });
  return pieces;
}

export const zeros = (graph: Graph, shape: Shape): Value =>
  graph.node('ConstantOfShape', [graph.integers(shape.map(Number))], shape);

/** Rows of a table by number: `indices` is an int32 value of any shape. */
export function gather(graph: Graph, table: Value, indices: Value): Value {
  const width = Number(table.shape[1]);
  const y = graph.node('Gather', [table, indices], [...indices.shape, width], { axis: 0 });
  graph.record([y], [table], (g) => {
    const count = size(indices.shape);
    const wide = graph.node('Cast', [indices], indices.shape, { to: 7 });
    const rows = graph.node('Reshape', [wide, graph.integers([count, 1])], [count, 1]);
    const all = graph.node('Expand', [rows, graph.integers([count, width])], [count, width]);
    const updates = reshaped(graph, g!, [count, width]);
    // Not ScatterND: it adds rows in parallel, and of two that meet in one row one may be lost.
    const scattered = [zeros(graph, table.shape), all, updates];
    return [graph.node('ScatterElements', scattered, table.shape, { axis: 0, reduction: 'add' })];
  });
  return y;
}

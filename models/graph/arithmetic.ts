/** Element-wise operations with NumPy's broadcasting, and their gradients. */
import type { Graph, Value } from './graph.ts';
import { broadcast, type Shape, sameShape } from './shape.ts';

/** An element-wise node that is not differentiated. */
export const elementwise = (
  graph: Graph,
  op: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Pow',
  a: Value,
  b: Value,
): Value => graph.node(op, [a, b], broadcast(a.shape, b.shape));

/** Sums a gradient over the axes that broadcasting had widened. */
export function reduceTo(graph: Graph, gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((dim, axis) =>
    axis < extra || (shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  );
  const kept = gradient.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const summed = graph.node('ReduceSum', [gradient, graph.integers(axes)], kept, { keepdims: 1 });
  return sameShape(kept, shape)
    ? summed
    : graph.node('Reshape', [summed, graph.integers(shape.map(Number))], shape);
}

export function add(graph: Graph, a: Value, b: Value): Value {
  const sum = elementwise(graph, 'Add', a, b);
  graph.record([sum], [a, b], (g) => [reduceTo(graph, g!, a.shape), reduceTo(graph, g!, b.shape)]);
  return sum;
}

export function multiply(graph: Graph, a: Value, b: Value): Value {
  const product = elementwise(graph, 'Mul', a, b);
  graph.record([product], [a, b], (g) => [
    reduceTo(graph, elementwise(graph, 'Mul', g!, b), a.shape),
    reduceTo(graph, elementwise(graph, 'Mul', g!, a), b.shape),
  ]);
  return product;
}

/** Multiplies by a fixed number. */
export function scale(graph: Graph, x: Value, factor: number): Value {
  const product = elementwise(graph, 'Mul', x, graph.scalar(factor));
  graph.record([product], [x], (g) => [elementwise(graph, 'Mul', g!, graph.scalar(factor))]);
  return product;
}

/**
 * Drops values with probability `rate` and scales the rest up. ONNX Runtime draws the mask from the seed, a new one
 * at every run.
 */
export function dropout(graph: Graph, x: Value, rate: number, seed: number): Value {
  if (rate === 0) return x;
  const on = graph.node('Cast', [graph.scalar(1)], [], { to: 9 });
  const [kept, mask] = graph.nodes('Dropout', [x, graph.scalar(rate), on], [x.shape, x.shape], { seed }) as [
    Value,
    Value,
  ];
  graph.record([kept], [x], (g) => {
    const open = graph.node('Cast', [mask], x.shape, { to: 1 });
    return [elementwise(graph, 'Mul', elementwise(graph, 'Mul', g!, open), graph.scalar(1 / (1 - rate)))];
  });
  return kept;
}

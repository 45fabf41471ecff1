/** Activation functions and their gradients. */
import { elementwise } from './arithmetic.ts';
import type { Graph, Value } from './graph.ts';

export const multiplied = (graph: Graph, ...values: [Value, Value, ...Value[]]): Value =>
  values.reduce((product, value) => elementwise(graph, 'Mul', product, value));

export function sigmoid(graph: Graph, x: Value): Value {
  const y = graph.node('Sigmoid', [x], x.shape);
  graph.record([y], [x], (g) => [sigmoidGradient(graph, g!, y)]);
  return y;
}

/** g · y · (1 − y) for y = sigmoid(x). */
export const sigmoidGradient = (graph: Graph, g: Value, y: Value): Value =>
  multiplied(graph, g, y, elementwise(graph, 'Sub', graph.scalar(1), y));

export function tanh(graph: Graph, x: Value): Value {
  const y = graph.node('Tanh', [x], x.shape);
  graph.record([y], [x], (g) => [tanhGradient(graph, g!, y)]);
  return y;
}

/** g · (1 − y²) for y = tanh(x). */
export const tanhGradient = (graph: Graph, g: Value, y: Value): Value =>
  elementwise(graph, 'Sub', g, multiplied(graph, g, y, y));

export function relu(graph: Graph, x: Value): Value {
  const y = graph.node('Relu', [x], x.shape);
  graph.record([y], [x], (g) => [elementwise(graph, 'Mul', g!, graph.node('Sign', [y], y.shape))]);
  return y;
}

/** x · Φ(x), Φ the normal distribution, by its error function; the form that ONNX Runtime fuses when it serves. */
export function gelu(graph: Graph, x: Value): Value {
  const erf = graph.node('Erf', [elementwise(graph, 'Div', x, graph.scalar(Math.SQRT2))], x.shape);
  const twice = multiplied(graph, x, elementwise(graph, 'Add', erf, graph.scalar(1)));
  const y = elementwise(graph, 'Mul', twice, graph.scalar(0.5));
  graph.record([y], [x], (g) => {
    const phi = multiplied(graph, elementwise(graph, 'Add', erf, graph.scalar(1)), graph.scalar(0.5));
    const bell = graph.node('Exp', [multiplied(graph, multiplied(graph, x, x), graph.scalar(-0.5))], x.shape);
    const density = multiplied(graph, bell, graph.scalar(1 / Math.sqrt(2 * Math.PI)));
    return [multiplied(graph, g!, elementwise(graph, 'Add', phi, multiplied(graph, x, density)))];
  });
  return y;
}

/** Softmax over the last axis. */
export function softmax(graph: Graph, x: Value): Value {
  const y = graph.node('Softmax', [x], x.shape, { axis: -1 });
  graph.record([y], [x], (g) => {
    const gy = multiplied(graph, g!, y);
    const axes = graph.integers([x.shape.length - 1]);
    const sum = graph.node('ReduceSum', [gy, axes], [...x.shape.slice(0, -1), 1], { keepdims: 1 });
    return [elementwise(graph, 'Sub', gy, multiplied(graph, y, sum))];
  });
  return y;
}

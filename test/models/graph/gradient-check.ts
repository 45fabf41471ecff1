import { elementwise } from '../../../models/graph/arithmetic.ts';
import { gradients } from '../../../models/graph/gradient.ts';
import { Graph, type Value } from '../../../models/graph/graph.ts';
import { createRandom } from '../../../models/graph/random.ts';
import { floatsOf, openSession, tensors } from '../../../models/graph/runtime.ts';
import { size } from '../../../models/graph/shape.ts';

const STEP = 2e-3;

/**
 * Compares the gradients that the graph computes with central differences of the same graph's loss, value by value.
 * Answers the largest difference, relative to the largest gradient of each input.
 */
export async function gradientError(
  shapes: readonly (readonly number[])[],
  build: (graph: Graph, inputs: readonly Value[]) => Value,
  spread = 1,
): Promise<number> {
  const random = createRandom(11);
  const graph = new Graph();
  const inputs = shapes.map((shape, index) => graph.input(`x${index}`, shape));
  const loss = build(graph, inputs);
  for (const [index, gradient] of gradients(graph, loss, inputs).entries())
    graph.output(gradient, `g${index}`);
  graph.output(loss, 'loss');
  const session = await openSession(graph.bytes());
  const make = await tensors();
  const values = shapes.map((shape) =>
    Float32Array.from({ length: size(shape) }, () => random.normal() * spread),
  );
  const run = () =>
    session.run(Object.fromEntries(values.map((data, i) => [`x${i}`, make.floats(data, shapes[i]!)])));
  const analytic = await run();
  let worst = 0;
  for (const [index, data] of values.entries()) {
    const expected = floatsOf(analytic, `g${index}`);
    const scale = Math.max(...expected.map(Math.abs), 1e-3);
    for (let at = 0; at < data.length; at++) {
      const old = data[at]!;
      data[at] = old + STEP;
      const above = floatsOf(await run(), 'loss')[0]!;
      data[at] = old - STEP;
      const below = floatsOf(await run(), 'loss')[0]!;
      data[at] = old;
      worst = Math.max(worst, Math.abs((above - below) / (2 * STEP) - expected[at]!) / scale);
    }
  }
  await session.release();
  return worst;
}

/** One number that depends on every element of x in its own way, for checking a gradient. */
export function weighed(graph: Graph, x: Value): Value {
  const random = createRandom(5);
  const weights = Float32Array.from({ length: size(x.shape) }, () => random.normal());
  const factors = graph.constant(weights, x.shape);
  const product = elementwise(graph, 'Mul', x, factors);
  const sum = graph.node('ReduceSum', [product], [], { keepdims: 0 });
  graph.record([sum], [x], (g) => [elementwise(graph, 'Mul', factors, g!)]);
  return sum;
}

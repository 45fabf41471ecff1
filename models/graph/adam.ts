/**
 * Adam in the graph: parameters and both moments come in as inputs, the next ones go out. Gradients are first scaled
 * down to a global norm of at most `CLIP`. The bias correction is in the learning rate that is fed.
 * Kingma and Ba, Adam: A Method for Stochastic Optimization (2015).
 */
import { multiplied } from './activation.ts';
import { elementwise } from './arithmetic.ts';
import type { Graph, Value } from './graph.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;
const CLIP = 1;

export const STEP_SIZE = 'adam.step_size';
export const next = (name: string): string => `${name}:next`;
export const momentsOf = (name: string): readonly [string, string] => [`${name}:mean`, `${name}:square`];

/** What to feed as the step's size: the learning rate with the bias correction of step `count` (from 1). */
export const stepSize = (learningRate: number, count: number): number =>
  (learningRate * Math.sqrt(1 - BETA2 ** count)) / (1 - BETA1 ** count);

export function adam(graph: Graph, parameters: readonly Value[], gradients: readonly Value[]): void {
  const step = graph.input(STEP_SIZE, []);
  const factor = clipFactor(graph, gradients);
  const both = (a: Value, old: number, b: Value, fresh: number): Value =>
    elementwise(
      graph,
      'Add',
      multiplied(graph, a, graph.scalar(old)),
      multiplied(graph, b, graph.scalar(fresh)),
    );
  parameters.forEach((parameter, index) => {
    const { name, shape } = parameter;
    const gradient = multiplied(graph, gradients[index]!, factor);
    const [meanName, squareName] = momentsOf(name);
    const mean = both(graph.input(meanName, shape), BETA1, gradient, 1 - BETA1);
    const square = both(
      graph.input(squareName, shape),
      BETA2,
      multiplied(graph, gradient, gradient),
      1 - BETA2,
    );
    const spread = elementwise(graph, 'Add', graph.node('Sqrt', [square], shape), graph.scalar(EPSILON));
    const move = elementwise(graph, 'Div', multiplied(graph, mean, step), spread);
    graph.output(elementwise(graph, 'Sub', parameter, move), next(name));
    graph.output(mean, next(meanName));
    graph.output(square, next(squareName));
  });
}

/** min(1, CLIP / norm), norm over all gradients. */
function clipFactor(graph: Graph, gradients: readonly Value[]): Value {
  const squares = gradients.map((gradient) => graph.node('ReduceSumSquare', [gradient], [], { keepdims: 0 }));
  const norm = graph.node('Sqrt', [graph.node('Sum', squares, [])], []);
  const ratio = elementwise(
    graph,
    'Div',
    graph.scalar(CLIP),
    elementwise(graph, 'Add', norm, graph.scalar(1e-6)),
  );
  return graph.node('Min', [ratio, graph.scalar(1)], []);
}

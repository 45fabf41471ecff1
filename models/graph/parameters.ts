/** A model's parameters: in training they are inputs that each step replaces, in a served model constants. */
import type { Graph, Value } from './graph.ts';
import type { Random } from './random.ts';
import { size } from './shape.ts';

/** Trained values by parameter name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** How a parameter starts: all of one value, uniform within ±limit, or normal with this deviation. */
export type Start = { readonly value: number } | { readonly uniform: number } | { readonly normal: number };

/** Declares a parameter. */
export type Declare = (name: string, shape: readonly number[], start: Start) => Value;

/** Glorot's uniform start for a matrix (Glorot and Bengio, 2010). */
export const glorot = (rows: number, columns: number): Start => ({
  uniform: Math.sqrt(6 / (rows + columns)),
});

/** Values for a parameter that has none yet. */
export function startValues(shape: readonly number[], start: Start, random: Random): Float32Array {
  const draw = (): number => {
    if ('value' in start) return start.value;
    return 'uniform' in start ? (2 * random.next() - 1) * start.uniform : random.normal() * start.normal;
  };
  return Float32Array.from({ length: size(shape) }, draw);
}

/** Declares parameters as constants of a model that serves. Throws if one is missing or has another size. */
export function constants(graph: Graph, weights: Weights): Declare {
  return (name, shape) => {
    const data = weights.get(name);
    if (data?.length !== size(shape))
      throw new Error(`parameter ${name} has ${data?.length ?? 'no'} values, not ${size(shape)}`);
    return graph.constant(data, shape, name);
  };
}

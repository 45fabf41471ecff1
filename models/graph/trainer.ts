/**
 * Trains a model: forward, backward and Adam are one ONNX graph, a step is one run of it. Parameters and moments are
 * tensors that go in and come out. Deterministic for a seed on one kind of machine.
 */
import { adam, momentsOf, next, STEP_SIZE, stepSize } from './adam.ts';
import { gradients } from './gradient.ts';
import { Graph, type Value } from './graph.ts';
import { type Declare, startValues, type Weights } from './parameters.ts';
import type { Random } from './random.ts';
import { type Feeds, floatsOf, openSession, type Tensor, tensors } from './runtime.ts';
import { fixed } from './shape.ts';

export interface TrainerOptions {
  /** Builds the forward pass down to the loss, declaring inputs and parameters. */
  readonly loss: (graph: Graph, declare: Declare) => Value;
  readonly random: Random;
  /** Values to start from; parameters without one start as declared. */
  readonly weights?: Weights;
  /** Threads of a step; 2 by default. */
  readonly threads?: number;
}

export interface Trainer {
  /** One step of Adam; answers the loss before it. Throws if the loss is not a number. */
  step(feeds: Feeds, learningRate: number): Promise<number>;
  /** The parameters as they are now. */
  weights(): Map<string, Float32Array>;
  close(): Promise<void>;
}

export async function createTrainer({
  loss,
  random,
  weights,
  threads = 2,
}: TrainerOptions): Promise<Trainer> {
  const graph = new Graph();
  const make = await tensors();
  const parameters: Value[] = [];
  const state: Feeds = {};
  const declare: Declare = (name, shape, start) => {
    const parameter = graph.input(name, shape);
    parameters.push(parameter);
    const zero = (): Tensor => make.floats(new Float32Array(data.length), shape);
    const data = Float32Array.from(weights?.get(name) ?? startValues(shape, start, random));
    state[name] = make.floats(data, fixed(shape));
    for (const moment of momentsOf(name)) state[moment] = zero();
    return parameter;
  };
  const value = loss(graph, declare);
  adam(graph, parameters, gradients(graph, value, parameters));
  graph.output(value, 'loss');
  const session = await openSession(graph.bytes(), { threads });
  let count = 0;
  return {
    step: async (feeds, learningRate) => {
      count++;
      const size = make.floats(Float32Array.of(stepSize(learningRate, count)), []);
      const results = await session.run({ ...state, ...feeds, [STEP_SIZE]: size });
      const lost = floatsOf(results, 'loss')[0]!;
      if (!Number.isFinite(lost)) throw new Error(`the loss is ${lost} at step ${count}`);
      for (const name of Object.keys(state)) state[name] = results[next(name)]!;
      return lost;
    },
    weights: () =>
      new Map(parameters.map(({ name }) => [name, Float32Array.from(state[name]!.data as Float32Array)])),
    close: () => session.release(),
  };
}

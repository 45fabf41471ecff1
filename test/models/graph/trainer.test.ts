import { describe, expect, it } from 'vitest';
import { sigmoid, tanh } from '../../../models/graph/activation.ts';
import { dropout } from '../../../models/graph/arithmetic.ts';
import { Graph, type Value } from '../../../models/graph/graph.ts';
import { binaryCrossEntropy } from '../../../models/graph/loss.ts';
import { linear } from '../../../models/graph/matrix.ts';
import { constants, type Declare, glorot } from '../../../models/graph/parameters.ts';
import { createRandom } from '../../../models/graph/random.ts';
import { lstm, lstmOperator } from '../../../models/graph/recurrent.ts';
import { floatsOf, openSession, tensors } from '../../../models/graph/runtime.ts';
import { createTrainer } from '../../../models/graph/trainer.ts';

const hiddenUnits = 8;

function logits(graph: Graph, declare: Declare, x: Value): Value {
  const hidden = tanh(
    graph,
    linear(
      graph,
      x,
      declare('w1', [2, hiddenUnits], glorot(2, hiddenUnits)),
      declare('b1', [hiddenUnits], { value: 0 }),
    ),
  );
  const w = declare('w2', [hiddenUnits, 1], glorot(hiddenUnits, 1));
  return linear(graph, hidden, w, declare('b2', [1], { value: 0 }));
}

async function trainExclusiveOr(seed: number) {
  const trainer = await createTrainer({
    random: createRandom(seed),
    threads: 1,
    loss: (graph, declare) => {
      const out = logits(graph, declare, graph.input('x', [4, 2]));
      return binaryCrossEntropy(graph, out, graph.input('y', [4, 1]), graph.input('weight', [4, 1]));
    },
  });
  const make = await tensors();
  const x = make.floats(Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), [4, 2]);
  const feeds = {
    x,
    y: make.floats(Float32Array.of(0, 1, 1, 0), [4, 1]),
    weight: make.floats(Float32Array.of(1, 1, 1, 1), [4, 1]),
  };
  let loss = 0;
  for (let step = 0; step < 300; step++) loss = await trainer.step(feeds, 0.05);
  const weights = trainer.weights();
  await trainer.close();
  return { loss, weights, x };
}

describe('the trainer', () => {
  it('learns exclusive or, and the exported model answers it', async () => {
    const { loss, weights, x } = await trainExclusiveOr(3);
    expect(loss).toBeLessThan(0.05);
    const graph = new Graph();
    const out = logits(graph, constants(graph, weights), graph.input('x', ['batch', 2]));
    graph.output(sigmoid(graph, out), 'p');
    const session = await openSession(graph.bytes());
    const answers = floatsOf(await session.run({ x }), 'p');
    expect([...answers].map(Math.round)).toEqual([0, 1, 1, 0]);
  });

  it('makes the same model from the same seed and another from another', async () => {
    const [one, same, other] = [
      await trainExclusiveOr(3),
      await trainExclusiveOr(3),
      await trainExclusiveOr(4),
    ];
    expect(same.weights).toEqual(one.weights);
    expect(other.weights).not.toEqual(one.weights);
  });

  it('refuses to go on when the loss is not a number', async () => {
    const trainer = await createTrainer({
      random: createRandom(1),
      threads: 1,
      loss: (graph, declare) =>
        binaryCrossEntropy(
          graph,
          declare('logits', [1, 1], { value: 0 }),
          graph.input('y', [1, 1]),
          graph.input('weight', [1, 1]),
        ),
    });
    const make = await tensors();
    const one = make.floats(Float32Array.of(1), [1, 1]);
    const feeds = { y: make.floats(Float32Array.of(Number.NaN), [1, 1]), weight: one };
    await expect(trainer.step(feeds, 0.1)).rejects.toThrow('the loss is NaN at step 1');
    await trainer.close();
  });
});

describe('an exported LSTM layer', () => {
  it('answers what the unrolled layer answers, for any batch', async () => {
    const random = createRandom(8);
    const [steps, batch, features, units] = [5, 3, 4, 6];
    const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal() * 0.5);
    const weights = {
      input: draw(features * 4 * units),
      recurrent: draw(units * 4 * units),
      bias: draw(4 * units),
    };
    const x = (await tensors()).floats(draw(steps * batch * features), [steps, batch, features]);

    const unrolled = new Graph();
    const hidden = lstm(unrolled, unrolled.input('x', [steps, batch, features]), {
      input: unrolled.constant(weights.input, [features, 4 * units]),
      recurrent: unrolled.constant(weights.recurrent, [units, 4 * units]),
      bias: unrolled.constant(weights.bias, [4 * units]),
    });
    unrolled.output(hidden, 'all');
    const served = new Graph();
    const { all, last } = lstmOperator(served, served.input('x', [steps, 'batch', features]), weights);
    served.output(all, 'all');
    served.output(last, 'last');

    const [expected, actual] = await Promise.all(
      [unrolled, served].map(async (graph) => (await openSession(graph.bytes())).run({ x })),
    );
    const wanted = floatsOf(expected!, 'all');
    for (const [index, value] of floatsOf(actual!, 'all').entries())
      expect(value).toBeCloseTo(wanted[index]!, 6);
    expect([...floatsOf(actual!, 'last')]).toEqual([...floatsOf(actual!, 'all').slice(-batch * units)]);
  });
});

describe('dropout in a graph', () => {
  it('drops the stated share, scales the rest up, passes gradients only where it kept, anew at every run', async () => {
    const graph = new Graph();
    const x = graph.input('x', [4000]);
    graph.output(dropout(graph, x, 0.25, 9), 'kept');
    const { backward } = graph.tape[0]!;
    graph.output(backward(x)[0]!, 'gradient');
    const session = await openSession(graph.bytes());
    const ones = (await tensors()).floats(new Float32Array(4000).fill(1), [4000]);
    const first = await session.run({ x: ones });
    const kept = floatsOf(first, 'kept');
    const dropped = kept.filter((value) => value === 0).length;
    expect(dropped / 4000).toBeGreaterThan(0.22);
    expect(dropped / 4000).toBeLessThan(0.28);
    expect(Math.max(...kept)).toBeCloseTo(4 / 3, 5);
    expect([...floatsOf(first, 'gradient')].map(Math.fround)).toEqual([...kept]);
    expect(floatsOf(await session.run({ x: ones }), 'kept')).not.toEqual(kept);
  });
});

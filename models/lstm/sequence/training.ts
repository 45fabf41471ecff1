/**
 * Trains the next-event network on normal sessions. Every distinct session counts once, so that a few that make up most
 * of a log do not drown the rest; and each time some neighbouring events change places, because what runs in parallel
 * comes in any order and no log shows them all.
 */

import type { Weights } from '../../graph/parameters.ts';
import type { Random } from '../../graph/random.ts';
import { tensors } from '../../graph/runtime.ts';
import { createTrainer, type Trainer } from '../../graph/trainer.ts';
import { type Chunk, chunks, LENGTH } from './chunk.ts';
import { sequenceLoss } from './network.ts';
import { UNKNOWN } from './vocabulary.ts';

const BATCH = 64;
const RATE = 3e-3;
/** Share of inputs replaced by UNKNOWN, so that the network knows what to make of it. */
const UNKNOWN_SHARE = 0.02;
/** Share of events that change places with one of the two after them. */
const SWAP_SHARE = 0.2;

export interface SequenceTraining {
  /** Distinct sessions, as tokens. */
  readonly sessions: readonly (readonly number[])[];
  /** Number of tokens of the vocabulary. */
  readonly tokens: number;
  readonly epochs: number;
  readonly random: Random;
  readonly progress?: (epoch: number, loss: number) => void;
}

export async function trainSequences({
  sessions,
  tokens,
  epochs,
  random,
  progress,
}: SequenceTraining): Promise<Weights> {
  const seed = random.below(1 << 20);
  const trainer = await createTrainer({
    random,
    loss: (graph, declare) => sequenceLoss(graph, declare, { steps: LENGTH, batch: BATCH, tokens, seed }),
  });
  const order = sessions.map((_, index) => index);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const parts = Array.from(random.shuffle(order), (index) =>
      chunks(swapped(sessions[index]!, random)),
    ).flat();
    const rate = RATE * (0.05 + 0.475 * (1 + Math.cos((Math.PI * epoch) / epochs)));
    let loss = 0;
    for (let at = 0; at < parts.length; at += BATCH)
      loss += await stepOn(trainer, parts.slice(at, at + BATCH), { random, rate });
    progress?.(epoch + 1, loss / Math.ceil(parts.length / BATCH));
  }
  const weights = trainer.weights();
  await trainer.close();
  return weights;
}

function swapped(session: readonly number[], random: Random): readonly number[] {
  const out = [...session];
  for (let at = 0; at + 1 < out.length; at++) {
    if (random.next() >= SWAP_SHARE) continue;
    const other = Math.min(out.length - 1, at + 1 + random.below(2));
    [out[at], out[other]] = [out[other]!, out[at]!];
  }
  return out;
}

async function stepOn(
  trainer: Trainer,
  batch: readonly Chunk[],
  { random, rate }: { random: Random; rate: number },
): Promise<number> {
  const make = await tensors();
  const inputs = new Int32Array(LENGTH * BATCH);
  const targets = new Int32Array(LENGTH * BATCH);
  const weights = new Float32Array(LENGTH * BATCH);
  for (const [column, chunk] of batch.entries())
    for (const [step, token] of chunk.inputs.entries()) {
      const at = step * BATCH + column;
      inputs[at] = random.next() < UNKNOWN_SHARE ? UNKNOWN : token;
      targets[at] = chunk.targets[step]!;
      weights[at] = step < chunk.from ? 0 : 1;
    }
  const feeds = {
    tokens: make.integers(inputs, [LENGTH * BATCH]),
    targets: make.integers(targets, [LENGTH * BATCH]),
    weights: make.floats(weights, [LENGTH * BATCH, 1]),
  };
  return trainer.step(feeds, rate);
}

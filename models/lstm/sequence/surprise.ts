/**
 * How surprising a session is to the next-event networks: by all that was less expected than usual together, by its
 * least likely event, and by its end.
 */
import { floatsOf, type InferenceSession, tensors } from '../../graph/runtime.ts';
import { type Chunk, chunks } from './chunk.ts';
import { END } from './vocabulary.ts';

const BATCH = 256;
/** Nats that the events of a normal session cost where it has a choice; more is a surprise. */
const EXPECTED = 1;

export interface Surprise {
  /** Of all events together, the nats beyond `EXPECTED` of each: several odd events weigh more than one. */
  readonly excess: number;
  /** −log p of ending where it ended, in nats: high for a session that is not whole. */
  readonly end: number;
  /** Most events that were more likely than the one that came: DeepLog flags 9 and above. */
  readonly rank: number;
}

const NONE: Surprise = { excess: 0, end: 0, rank: 0 };
const together = (a: Surprise, b: Surprise): Surprise => ({
  excess: a.excess + b.excess,
  end: Math.max(a.end, b.end),
  rank: Math.max(a.rank, b.rank),
});

/** Surprise of each session, of any length; of an empty one, the surprise of ending at once. */
export async function surprises(
  model: InferenceSession,
  sessions: readonly (readonly number[])[],
): Promise<Surprise[]> {
  const parts = sessions.flatMap((tokens, session) => chunks(tokens).map((chunk) => ({ chunk, session })));
  parts.sort((a, b) => a.chunk.inputs.length - b.chunk.inputs.length);
  const out = sessions.map(() => NONE);
  for (let at = 0; at < parts.length; at += BATCH) {
    const batch = parts.slice(at, at + BATCH);
    const found = await surprisesOf(
      model,
      batch.map(({ chunk }) => chunk),
    );
    for (const [index, { session }] of batch.entries()) out[session] = together(out[session]!, found[index]!);
  }
  return out;
}

async function surprisesOf(model: InferenceSession, batch: readonly Chunk[]): Promise<Surprise[]> {
  const steps = Math.max(...batch.map(({ inputs }) => inputs.length));
  const tokens = new Int32Array(steps * batch.length);
  for (const [column, { inputs }] of batch.entries())
    for (const [step, token] of inputs.entries()) tokens[step * batch.length + column] = token;
  const feed = (await tensors()).integers(tokens, [steps, batch.length]);
  const logp = floatsOf(await model.run({ tokens: feed }), 'logp');
  const width = logp.length / tokens.length;
  return batch.map(({ targets, from }, column) => {
    let all = NONE;
    for (let step = from; step < targets.length; step++) {
      const at = (step * batch.length + column) * width;
      const own = logp[at + targets[step]!]!;
      let rank = 0;
      for (let token = 0; token < width; token++) if (logp[at + token]! > own) rank++;
      const excess = Math.max(0, -own - EXPECTED);
      all = together(all, targets[step] === END ? { ...NONE, end: -own } : { excess, end: 0, rank });
    }
    return all;
  });
}

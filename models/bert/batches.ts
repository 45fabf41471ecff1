/** Messages as batches of piece numbers, for the two ways of training. */
import type { Random } from '../graph/random.ts';
import { type Feeds, tensors } from '../graph/runtime.ts';
import type { BatchShape } from './network.ts';
import { MASK, PAD, SEP } from './word-piece.ts';

/** Numbers above it are pieces of words; below are marks. */
const LAST_MARK = MASK;
/** Of the pieces, how many are to be guessed (Devlin et al.). */
const GUESSED = 0.15;

/** Places to be guessed in a batch of this shape. */
export const guessesOf = ({ batch, length }: BatchShape): number => Math.ceil(batch * length * GUESSED * 0.6);

/** Row by row, cut and filled up to the length. */
function rowsOf(messages: readonly (readonly number[])[], { batch, length }: BatchShape): Int32Array {
  const ids = new Int32Array(batch * length).fill(PAD);
  for (const [row, message] of messages.entries()) {
    const cut = message.length <= length ? message : [...message.slice(0, length - 1), SEP];
    ids.set(cut, row * length);
  }
  return ids;
}

/** A batch whose pieces are partly hidden: eight of ten masked, one of ten another piece, one left as it is. */
export async function maskedBatch(
  messages: readonly (readonly number[])[],
  { shape, pieces, random }: { shape: BatchShape; pieces: number; random: Random },
): Promise<Feeds> {
  const make = await tensors();
  const ids = rowsOf(messages, shape);
  const count = guessesOf(shape);
  const candidates = Array.from(ids.keys()).filter((at) => ids[at]! > LAST_MARK);
  const chosen = random
    .shuffle(candidates)
    .slice(0, Math.min(count, Math.round(candidates.length * GUESSED)));
  const places = new Int32Array(count);
  const targets = new Int32Array(count);
  const weights = new Float32Array(count);
  for (const [index, place] of chosen.entries()) {
    places[index] = place;
    targets[index] = ids[place]!;
    weights[index] = 1;
    const way = random.next();
    if (way < 0.8) ids[place] = MASK;
    else if (way < 0.9) ids[place] = LAST_MARK + 1 + random.below(pieces - LAST_MARK - 1);
  }
  return {
    ids: make.integers(ids, [shape.batch, shape.length]),
    places: make.integers(places, [count]),
    targets: make.integers(targets, [count]),
    weights: make.floats(weights, [count, 1]),
  };
}

export interface Example {
  readonly pieces: readonly number[];
  readonly label: number;
  readonly weight: number;
}

/** A batch with its classes; a share of the pieces is masked, so that no single word decides. */
export async function labelledBatch(
  examples: readonly Example[],
  { shape, masked, random }: { shape: BatchShape; masked: number; random: Random },
): Promise<Feeds> {
  const make = await tensors();
  const ids = rowsOf(
    examples.map(({ pieces }) => pieces),
    shape,
  );
  for (const [at, id] of ids.entries()) if (id > LAST_MARK && random.next() < masked) ids[at] = MASK;
  const labels = new Int32Array(shape.batch);
  const weights = new Float32Array(shape.batch);
  for (const [row, { label, weight }] of examples.entries()) {
    labels[row] = label;
    weights[row] = weight;
  }
  return {
    ids: make.integers(ids, [shape.batch, shape.length]),
    labels: make.integers(labels, [shape.batch]),
    weights: make.floats(weights, [shape.batch, 1]),
  };
}

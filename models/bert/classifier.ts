/** Classifies messages with a served model: pieces in, a probability for each class out. */
import { floatsOf, type InferenceSession, tensors } from '../graph/runtime.ts';
import { PAD, type Tokenizer } from './word-piece.ts';

const BATCH = 64;

/** Probabilities [classes] of each message, in the order of the messages. */
export async function classify(
  session: InferenceSession,
  tokenizer: Tokenizer,
  messages: readonly string[],
): Promise<Float32Array[]> {
  const encoded = messages.map((message, index) => ({ index, pieces: tokenizer.encode(message) }));
  encoded.sort((a, b) => a.pieces.length - b.pieces.length);
  const out: Float32Array[] = messages.map(() => new Float32Array(0));
  for (let from = 0; from < encoded.length; from += BATCH) {
    const rows = encoded.slice(from, from + BATCH);
    const found = await classifyPieces(
      session,
      rows.map(({ pieces }) => pieces),
    );
    for (const [row, { index }] of rows.entries()) out[index] = found[row]!;
  }
  return out;
}

/** One run of the model over messages that are cut into pieces already. */
export async function classifyPieces(
  session: InferenceSession,
  messages: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const length = Math.max(...messages.map((pieces) => pieces.length));
  const ids = new Int32Array(messages.length * length).fill(PAD);
  for (const [row, pieces] of messages.entries()) ids.set(pieces, row * length);
  const make = await tensors();
  const p = floatsOf(await session.run({ ids: make.integers(ids, [messages.length, length]) }), 'p');
  const classes = p.length / messages.length;
  return messages.map((_, row) => p.slice(row * classes, (row + 1) * classes));
}

export const mostLikely = (probabilities: Float32Array): number =>
  probabilities.indexOf(Math.max(...probabilities));

/**
 * A session as stretches of at most `LENGTH` steps. Each step has an input (the token before, START at first) and a
 * target (the token itself, END at last). A long session is cut into stretches that overlap: the first `CONTEXT` steps
 * of a later stretch only warm the network up and are not counted.
 */
import { END, START } from './vocabulary.ts';

export const LENGTH = 40;
export const CONTEXT = 12;

export interface Chunk {
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
  /** First step whose target counts. */
  readonly from: number;
}

export function chunks(tokens: readonly number[]): Chunk[] {
  const inputs = [START, ...tokens];
  const targets = [...tokens, END];
  const out: Chunk[] = [];
  for (let at = 0; ; at += LENGTH - CONTEXT) {
    const end = Math.min(inputs.length, at + LENGTH);
    out.push({
      inputs: inputs.slice(at, end),
      targets: targets.slice(at, end),
      from: at === 0 ? 0 : CONTEXT,
    });
    if (end === inputs.length) return out;
  }
}

/** Where the words of a search stand in a text. Pure; bounded, because a message may be long. */

export interface Part {
  readonly text: string;
  readonly found: boolean;
}

/** Beyond so much text nothing is marked. */
const LONGEST = 20_000;

/** The words that a search looks for: `"in quotes"` is one, `-without` and `label=value` are none. */
export function wordsOf(q: string | undefined): string[] {
  const words: string[] = [];
  for (const [, minus, phrase, word] of (q ?? '').matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)) {
    const text = phrase ?? word ?? '';
    if (minus === '' && text !== '' && (phrase !== undefined || !text.includes('=')))
      words.push(text.toLowerCase());
  }
  return words;
}

export function partsOf(text: string, words: readonly string[]): Part[] {
  const lower = text.toLowerCase();
  // Lower case may have another length, as of İ: then places would not fit.
  if (words.length === 0 || text.length > LONGEST || lower.length !== text.length)
    return [{ text, found: false }];
  const parts: Part[] = [];
  let at = 0;
  while (at < text.length) {
    const next = nearest(lower, words, at);
    if (next === null) break;
    if (next.from > at) parts.push({ text: text.slice(at, next.from), found: false });
    parts.push({ text: text.slice(next.from, next.to), found: true });
    at = next.to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), found: false });
  return parts;
}

function nearest(lower: string, words: readonly string[], at: number): { from: number; to: number } | null {
  let best: { from: number; to: number } | null = null;
  for (const word of words) {
    const from = lower.indexOf(word, at);
    if (from >= 0 && (best === null || from < best.from)) best = { from, to: from + word.length };
  }
  return best;
}

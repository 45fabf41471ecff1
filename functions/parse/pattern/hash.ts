/** A 64-bit hash of a text in two lanes (FNV-1a and its mirror), the same everywhere; pieces may be fed in turn. */
export interface Lanes {
  first: number;
  second: number;
}

const FIRST = 0x811c9dc5 | 0;
const SECOND = 0x9e3779b9 | 0;

export const newLanes = (): Lanes => ({ first: FIRST, second: SECOND });

/** Begins anew. */
export function startLanes(lanes: Lanes): void {
  lanes.first = FIRST;
  lanes.second = SECOND;
}

/** Feeds `text[from, to)`. */
export function hashOfText(text: string, from: number, to: number, lanes: Lanes): void {
  let { first, second } = lanes;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul((second ^ code) + (second << 5), 0x85ebca6b);
  }
  lanes.first = first;
  lanes.second = second;
}

/** The hash as 14 letters and digits. */
export function nameOf({ first, second }: Lanes): string {
  const mixed = second ^ (second >>> 15);
  return (first >>> 0).toString(36).padStart(7, '0') + (mixed >>> 0).toString(36).padStart(7, '0');
}

/** The name of a whole text. */
export function hashPair(text: string): string {
  const lanes = newLanes();
  hashOfText(text, 0, text.length, lanes);
  return nameOf(lanes);
}

/** The order of strings by their UTF-8 bytes, as Google's services list names. Pure. */

/** Negative, zero or positive as `a` comes before, with or after `b`. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 units order as bytes do unless surrogates are involved.
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

const SURROGATE = /[\ud800-\udfff]/;

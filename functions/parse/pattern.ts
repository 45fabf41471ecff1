/**
 * Message → pattern id: the same for messages that differ only in their variable words, and the same in every
 * instance of a function, because it is a hash of the masked message and nothing is learned. A word (a run of
 * letters, digits, `_`) that holds a digit counts as variable; everything else, case included, makes the pattern.
 * Linear in the message; nothing is allocated but the id. Only the first 2,048 characters count.
 */
const MAX_CHARS = 2048;
const MASK = 0x2a;

/** The pattern id of a message: 14 letters and digits (64 bits in two lanes of FNV-1a and its mirror). */
export function patternId(message: string): string {
  const length = Math.min(message.length, MAX_CHARS);
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < length; ) {
    const end = wordEnd(message, i, length);
    const masked = end > i && hasDigit(message, i, end);
    const stop = end > i ? end : i + 1;
    for (let k = masked ? stop - 1 : i; k < stop; k++) {
      const code = masked ? MASK : message.charCodeAt(k);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul((b ^ code) + (b << 5), 0x85ebca6b);
    }
    i = stop;
  }
  b ^= b >>> 15;
  return (a >>> 0).toString(36).padStart(7, '0') + (b >>> 0).toString(36).padStart(7, '0');
}

function wordEnd(text: string, start: number, length: number): number {
  let end = start;
  while (end < length && isWord(text.charCodeAt(end))) end++;
  return end;
}

function hasDigit(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) return true;
  }
  return false;
}

const isWord = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f ||
  code >= 0x80;

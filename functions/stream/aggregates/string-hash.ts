/**
 * 64 bits of hash of a string, as two 32-bit halves in one shared pair (read them before the next call): two lanes
 * of multiply and mix, with MurmurHash3's finaliser. Deterministic everywhere; not for secrets.
 */
export const hashed = { high: 0, low: 0 };

export function hashString(text: string): void {
  let a = 0x9747b28c ^ text.length;
  let b = 0x3c6ef372 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul((a ^ code) >>> 0, 0xcc9e2d51);
    a ^= a >>> 15;
    b = Math.imul((b + code) ^ (b >>> 13), 0x1b873593);
  }
  hashed.high = finish(a ^ (b >>> 7));
  hashed.low = finish(b ^ Math.imul(a, 0x85ebca6b));
}

function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

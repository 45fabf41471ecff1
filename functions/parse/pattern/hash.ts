/** A 64-bit hash of a text in two lanes (FNV-1a and its mirror), as 14 letters and digits: the same everywhere. */
export function hashPair(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul((b ^ code) + (b << 5), 0x85ebca6b);
  }
  b ^= b >>> 15;
  return (a >>> 0).toString(36).padStart(7, '0') + (b >>> 0).toString(36).padStart(7, '0');
}

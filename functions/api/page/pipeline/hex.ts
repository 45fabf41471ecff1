/** Bytes as a hex dump, as `hexdump -C` prints them. Pure. */

const A_LINE = 16;
/** Beyond so much nobody reads. */
const MOST = 16_384;

export function hexDump(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, MOST); at += A_LINE) {
    const line = [...bytes.subarray(at, at + A_LINE)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(A_LINE * 3 - 1)}  |${text}|`);
  }
  if (bytes.length > MOST) lines.push(`… ${bytes.length - MOST} more bytes`);
  return lines.join('\n');
}

/** The sparkline as a PNG, because mail programs that show SVG are few. Pure; 360 × 56, eight bits, true colour. */
import { crc32, deflateSync } from 'node:zlib';

const WIDTH = 360;
const HEIGHT = 56;
const BACKGROUND = [0xf3, 0xf5, 0xf7] as const;
const QUIET = [0x8f, 0xa3, 0xb8] as const;
const HIGH = [0xe0, 0x7b, 0x39] as const;
const LAST = [0xc0, 0x26, 0x2d] as const;

/** Bars scaled to the largest; the last, which alarmed, is red. */
export function sparklinePng(values: readonly number[]): Buffer {
  const pixels = Buffer.alloc(HEIGHT * (1 + 3 * WIDTH));
  const put = (x: number, y: number, [r, g, b]: readonly [number, number, number]): void => {
    const at = y * (1 + 3 * WIDTH) + 1 + 3 * x;
    pixels[at] = r;
    pixels[at + 1] = g;
    pixels[at + 2] = b;
  };
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) put(x, y, BACKGROUND);
  const top = Math.max(0, ...values.filter(Number.isFinite));
  const step = WIDTH / Math.max(1, values.length);
  values.forEach((value, i) => {
    const share = top === 0 || !Number.isFinite(value) ? 0 : Math.max(0, value) / top;
    const colour = i === values.length - 1 ? LAST : share > 0.5 ? HIGH : QUIET;
    const height = Math.max(1, Math.round(share * (HEIGHT - 4)));
    for (let x = Math.floor(i * step); x < Math.floor(i * step + 0.8 * step); x++)
      for (let y = HEIGHT - height; y < HEIGHT; y++) put(x, y, colour);
  });
  return encode(pixels);
}

/** Source: https://www.w3.org/TR/png-3/ */
function encode(pixels: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

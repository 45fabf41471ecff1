/**
 * A file or standard input as chunks of plain bytes. gzip is recognised by its first bytes, whatever the file is
 * called; other compressions are refused by name. Reads no faster than it is asked.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ShipError } from './target.ts';

const CHUNK_BYTES = 1 << 20;

/** First bytes of what is read otherwise than as text. */
const COMPRESSIONS: readonly (readonly [string, string])[] = [
  ['1f8b', 'gzip'],
  ['28b52ffd', 'zstd'],
  ['fd377a58', 'xz'],
  ['425a68', 'bzip2'],
  ['504b0304', 'zip'],
];

/** Compression by the first bytes; null: none that is known. */
function compressionOf(first: Buffer): string | null {
  const hex = first.subarray(0, 4).toString('hex');
  return COMPRESSIONS.find(([magic]) => hex.startsWith(magic))?.[1] ?? null;
}

/** The file's bytes, `-` standing for `stdin`. Throws ShipError for what cannot be read as text. */
export async function* readSource(path: string, stdin: Readable): AsyncGenerator<Buffer> {
  const raw = path === '-' ? stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  try {
    const iterator = raw[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const first = await head(iterator);
    const compression = compressionOf(first);
    const plain = chain(first, iterator);
    if (compression === null) yield* plain;
    else if (compression === 'gzip') yield* gunzip(plain, path);
    else throw unsupported(path, compression);
  } finally {
    raw.destroy();
  }
}

const unsupported = (path: string, compression: string): ShipError =>
  new ShipError(
    `${path} is compressed by ${compression}, which cannot be read here: unpack it and pipe it in (FILE "-")`,
  );

/** The first chunk, grown to four bytes where there are as many: a pipe may give fewer. */
async function head(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0);
  while (first.length < 4) {
    const { value, done } = await chunks.next();
    if (done) break;
    first = first.length === 0 ? value : Buffer.concat([first, value]);
    // A line that is whole is no compressed file: do not make it wait.
    if (first.includes(0x0a)) break;
  }
  return first;
}

async function* chain(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* gunzip(packed: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  const inflate = createGunzip({ chunkSize: 256 * 1024 });
  // Its failure reaches the reader of `inflate`, too: it is told there.
  pipeline(Readable.from(packed), inflate).catch(() => undefined);
  try {
    for await (const chunk of inflate) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'Z_BUF_ERROR' && !code?.startsWith('Z_')) throw error;
    const what = code === 'Z_BUF_ERROR' ? 'cut off' : `corrupt (${code})`;
    throw new ShipError(`${path}: the gzip stream is ${what}; lines next to the break are not shipped`);
  }
}

/**
 * Avro object containers, read strictly: every block of a file or the reason why not. A file that is cut off inside a
 * block is damaged, as is one whose blocks do not end in its sync marker. Blocks are read one at a time, so memory is
 * that of the largest.
 * Source: https://avro.apache.org/docs/1.11.1/specification/#object-container-files
 */
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { AvroCursor, DamagedFile } from './avro-cursor.ts';
import type { ByteSource } from './byte-source.ts';

/** What a container says of itself, and its blocks, unpacked. */
export interface Container {
  /** Text of the schema of its records. */
  readonly schema: string;
  blocks(): AsyncGenerator<Block>;
}

export interface Block {
  /** Records in it. */
  readonly count: number;
  readonly bytes: Buffer;
}

const MAGIC = Buffer.from('Obj\x01', 'latin1');
const SYNC_BYTES = 16;
const MAX_HEADER_BYTES = 1 << 20;
/** A message has 10 MB at most, and writers end a block long before this. */
const MAX_BLOCK_BYTES = 256 << 20;
/** Two numbers of at most eight bytes. */
const BLOCK_HEAD_BYTES = 16;

type Codec = (bytes: Buffer) => Promise<Buffer>;

const codecs: Readonly<Record<string, Codec>> = {
  null: async (bytes) => bytes,
  deflate: (bytes) => promisify(inflateRaw)(bytes, { maxOutputLength: MAX_BLOCK_BYTES }),
};

/** Opens a container. Throws DamagedFile, also while its blocks are read. */
export async function openContainer(source: ByteSource): Promise<Container> {
  const { meta, sync } = await readHeader(source);
  const name = meta['avro.codec']?.toString() ?? 'null';
  const codec = Object.hasOwn(codecs, name) ? codecs[name] : undefined;
  if (codec === undefined) throw new DamagedFile('its codec is none of: null, deflate');
  return { schema: meta['avro.schema']?.toString() ?? '', blocks: () => blocksOf(source, sync, codec) };
}

async function readHeader(source: ByteSource) {
  const magic = await source.peek(MAGIC.length);
  if (!magic.equals(MAGIC)) throw new DamagedFile('not an Avro file');
  for (let size = 4096; ; size *= 4) {
    const start = await source.peek(size);
    const header = tryHeader(start, start.length < size || size > MAX_HEADER_BYTES);
    if (header === null) continue;
    await source.take(header.length);
    return header;
  }
}

/** Null: more bytes may help, unless these are the last. */
function tryHeader(start: Buffer, isLast: boolean) {
  try {
    const cursor = new AvroCursor(start);
    cursor.fixed(MAGIC.length);
    const meta = cursor.map(() => cursor.bytes());
    const sync = cursor.fixed(SYNC_BYTES);
    return { meta, sync, length: cursor.at };
  } catch (error) {
    if (isLast) throw new DamagedFile(`its header: ${(error as Error).message}`);
    return null;
  }
}

async function* blocksOf(source: ByteSource, sync: Buffer, codec: Codec): AsyncGenerator<Block> {
  for (let index = 0; ; index++) {
    const start = await source.peek(BLOCK_HEAD_BYTES);
    if (start.length === 0) return;
    const head = new AvroCursor(start);
    const [count, size] = [head.long(), head.long()];
    if (count < 0 || size < 0 || size > MAX_BLOCK_BYTES)
      throw new DamagedFile(`block ${index} has no valid size`);
    await source.take(head.at);
    const packed = await source.take(size);
    const marker = packed === null ? null : await source.take(SYNC_BYTES);
    if (packed === null || marker === null) throw new DamagedFile(`cut off in block ${index}`);
    if (!marker.equals(sync)) throw new DamagedFile(`block ${index} does not end in the sync marker`);
    const bytes = await codec(packed).catch(() => {
      throw new DamagedFile(`block ${index} cannot be unpacked`);
    });
    yield { count, bytes };
  }
}

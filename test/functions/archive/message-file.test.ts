import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DamagedFile } from '../../../functions/archive/avro-cursor.ts';
import { openFile } from '../../../functions/archive/message-file.ts';
import type { PubsubMessage } from '../../../functions/ingest/message.ts';
import { fileOf, inChunks, listed } from './archive-files.ts';

const TIMES = { beganMs: 0, closedMs: 1 };

const message = (i: number, size = 20): PubsubMessage => ({
  data: Buffer.alloc(size, `line ${i} `),
  attributes: { service: `s${i % 3}` },
  messageId: String(1000 + i),
  publishTimeUs: 1_795_168_800_000_000 + i * 1000,
});

const shown = ({ data, ...rest }: PubsubMessage) => ({ ...rest, data: data.toString('latin1') });

async function read(bytes: Buffer, options: { checksum?: boolean; chunkBytes?: number } = {}) {
  const file = {
    ...listed('raw/a.avro', bytes, TIMES),
    ...(options.checksum === false ? { crc32c: null } : {}),
  };
  const messages = await openFile(file, inChunks(bytes, options.chunkBytes));
  const found: PubsubMessage[] = [];
  for await (const one of messages()) found.push(one);
  return found;
}

describe('a file of the archive', () => {
  it('gives the messages that were published, whatever the chunks of the download', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 37, max: 100_000 }), async (lengths, chunkBytes) => {
        const messages = lengths.map((size, i) => message(i, size));
        // As text: the matcher walks buffers byte by byte.
        const found = await read(await fileOf(messages), { chunkBytes });
        expect(JSON.stringify(found.map(shown))).toBe(JSON.stringify(messages.map(shown)));
      }),
      { numRuns: 30 },
    );
  });

  it('has publish times to the millisecond, as a push has', async () => {
    const [found] = await read(await fileOf([{ ...message(0), publishTimeUs: 1_795_168_800_123_456 }]));
    expect(found?.publishTimeUs).toBe(1_795_168_800_123_000);
  });

  it('that is cut off anywhere is damaged, also without a checksum', async () => {
    const whole = await fileOf(Array.from({ length: 10 }, (_, i) => message(i)));
    // A file cut between header and first block is one without messages: only the size can tell.
    const header = whole.indexOf(whole.subarray(-16)) + 16;
    for (let length = 0; length < whole.length; length++) {
      if (length === header) continue;
      const cut = read(whole.subarray(0, length), { checksum: false });
      await expect(cut, `cut at ${length}`).rejects.toThrow(DamagedFile);
    }
  });

  it('with any bit flipped is damaged', async () => {
    const whole = await fileOf(Array.from({ length: 40 }, (_, i) => message(i)));
    const file = listed('raw/a.avro', whole, TIMES);
    const bits = fc.integer({ min: 0, max: whole.length * 8 - 1 });
    await fc.assert(
      fc.asyncProperty(bits, async (bit) => {
        const flipped = Buffer.from(whole);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        await expect(openFile(file, inChunks(flipped))).rejects.toThrow(DamagedFile);
      }),
      { numRuns: 300 },
    );
  });

  it('without a checksum either gives as many messages as it had or is damaged, never something else', async () => {
    const messages = Array.from({ length: 40 }, (_, i) => message(i));
    const whole = await fileOf(messages);
    const bits = fc.integer({ min: 0, max: whole.length * 8 - 1 });
    await fc.assert(
      fc.asyncProperty(bits, async (bit) => {
        const flipped = Buffer.from(whole);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const found = await read(flipped, { checksum: false }).catch((error: unknown) => error);
        if (Array.isArray(found)) expect(found).toHaveLength(messages.length);
        else expect(found).toBeInstanceOf(DamagedFile);
      }),
      { numRuns: 500 },
    );
  });

  it('of something else is damaged, in words', async () => {
    await expect(read(Buffer.alloc(0))).rejects.toThrow('not an Avro file');
    await expect(read(Buffer.from('{"message":"text"}\n'))).rejects.toThrow('not an Avro file');
    const other = (await fileOf([message(0)])).toString('latin1').replace('message_id', 'massage_id');
    await expect(read(Buffer.from(other, 'latin1'))).rejects.toThrow('not Pub/Sub messages with metadata');
  });
});

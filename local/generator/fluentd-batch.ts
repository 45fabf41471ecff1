/**
 * Lines as Fluentd publishes them: the Pub/Sub output's GoCardless fork with `compress_batches true`. Records end in
 * a line feed, stand between bytes 0x1e, and are one zlib stream.
 */
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { Message } from '../ship/publisher.ts';

const packed = promisify(deflate);
const ATTRIBUTES = { compression_algorithm: 'zlib' };

/** One message of these lines. */
export async function fluentdBatch(lines: readonly string[]): Promise<Message> {
  return { data: await packed(`${lines.join('\n\x1e')}\n`), attributes: ATTRIBUTES };
}

/**
 * Stage 1: the bytes of a message, decompressed within a bound. zlib and gzip are recognised by attribute or by
 * their first bytes; everything else passes as it is. A stream that is cut off, corrupt or larger than allowed
 * is a failure for the dead letters, never an exception.
 */
import { gunzipSync, inflateSync } from 'node:zlib';
import type { Failure } from './failure.ts';

export interface Unpacked {
  readonly bytes: Buffer;
  /** Whether the message was compressed: a batch by declaration when an attribute says so. */
  readonly compression: 'none' | 'zlib' | 'gzip';
}

/** Attribute by which the GoCardless fork of Fluentd's Pub/Sub output marks a compressed batch. */
const COMPRESSION_ATTRIBUTE = 'compression_algorithm';

/** Decompresses `data` to at most `maxBytes`. */
export function unpack(
  data: Buffer,
  attributes: Readonly<Record<string, string>>,
  maxBytes: number,
): Unpacked | Failure {
  const declared = attributes[COMPRESSION_ATTRIBUTE];
  if (declared !== undefined && declared !== 'zlib' && declared !== 'gzip') {
    return failure('unknown_compression', `attribute ${COMPRESSION_ATTRIBUTE} is none of: zlib, gzip`);
  }
  const compression = recognise(data) ?? declared ?? 'none';
  if (compression === 'none') return checkSize({ bytes: data, compression }, maxBytes);
  try {
    const inflate = compression === 'gzip' ? gunzipSync : inflateSync;
    return { bytes: inflate(data, { maxOutputLength: maxBytes }), compression };
  } catch (error) {
    return inflateFailure(error, data.length, compression, maxBytes);
  }
}

function recognise(data: Buffer): 'zlib' | 'gzip' | null {
  if (data.length < 2) return null;
  if (data[0] === 0x1f && data[1] === 0x8b) return 'gzip';
  // 78 5e is a zlib header too, but also the text "x^": it takes the attribute to be read as zlib.
  if (data[0] === 0x78 && (data[1] === 0x9c || data[1] === 0xda || data[1] === 0x01)) return 'zlib';
  return null;
}

function checkSize(unpacked: Unpacked, maxBytes: number): Unpacked | Failure {
  const size = unpacked.bytes.length;
  return size <= maxBytes ? unpacked : failure('too_large', `message of ${size} bytes; allowed: ${maxBytes}`);
}

function inflateFailure(error: unknown, size: number, compression: string, maxBytes: number): Failure {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return failure(
      'bomb',
      `${compression} message of ${size} bytes unpacks to more than the allowed ${maxBytes}`,
    );
  }
  if (code === 'Z_BUF_ERROR')
    return failure('truncated', `${compression} stream of ${size} bytes is cut off`);
  if (code?.startsWith('Z_'))
    return failure('corrupt', `${compression} stream of ${size} bytes is corrupt (${code})`);
  throw error;
}

const failure = (reason: string, detail: string): Failure => ({ reason, detail });

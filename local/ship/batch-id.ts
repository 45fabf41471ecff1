/**
 * The id under which a batch is counted once. It is made of where the bytes stand and what they are, not of the
 * bytes alone: two hosts that log the same line, or a file that repeats its thousand lines, count twice, and the
 * same file shipped again counts once.
 */
import { createHash } from 'node:crypto';

/** What tells one file from another. */
export interface FileIdentity {
  readonly host: string;
  /** Absolute path. */
  readonly path: string;
  readonly service: string;
  /** Which of the files that bore this name one after the other; empty unless it is followed. */
  readonly generation: string;
}

/** 128 bits of the SHA-256 of the file's identity, the offset in it and the bytes. */
export const batchId = (file: FileIdentity, offset: number, bytes: Buffer): string =>
  `s${createHash('sha256')
    .update(JSON.stringify([file.host, file.path, file.service, file.generation, offset]))
    .update(bytes)
    .digest()
    .subarray(0, 16)
    .toString('base64url')}`;

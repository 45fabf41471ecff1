/**
 * Takes in the bytes of an object: counts, hashes and keeps them until they are committed.
 * Under pressure: up to 256 KiB are held in memory, beyond that they go to a file as they come; the sender is read
 * no faster than the file takes them.
 */
import { createHash } from 'node:crypto';
import { createReadStream, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ApiError } from '../http.ts';
import { crc32c, formatCrc32c } from './crc32c.ts';

/** Base64 hashes, as the API carries them. */
export interface Hashes {
  readonly crc32c?: string;
  readonly md5?: string;
}

const MEMORY_BYTES = 256 << 10;

export class Intake {
  readonly #path: string;
  readonly #md5 = createHash('md5');
  #crc = 0;
  #bytes = 0;
  #held: Buffer[] = [];
  #file: FileHandle | undefined;
  #spills: boolean;
  #sums: Required<Hashes> | undefined;

  /** `path` is where the bytes go when they are many; `spill` sends them there from the first. */
  constructor(path: string, options: { readonly spill?: boolean } = {}) {
    this.#path = path;
    this.#spills = options.spill ?? false;
  }

  /** Continues with a file that holds the beginning already. */
  static async resume(path: string): Promise<Intake> {
    const intake = new Intake(path, { spill: true });
    const before = createReadStream(path, { flags: 'a+', start: 0 });
    for await (const chunk of before as AsyncIterable<Buffer>) intake.#count(chunk);
    return intake;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of everything taken in; nothing may be added afterwards. */
  get hashes(): Required<Hashes> {
    this.#sums ??= { crc32c: formatCrc32c(this.#crc), md5: this.#md5.digest('base64') };
    return this.#sums;
  }

  async add(chunk: Buffer): Promise<void> {
    this.#count(chunk);
    if (!this.#spills && this.#bytes <= MEMORY_BYTES) {
      this.#held.push(chunk);
      return;
    }
    this.#spills = true;
    this.#file ??= await open(this.#path, 'a');
    for (const each of [...this.#held, chunk]) await writeWhole(this.#file, each);
    this.#held = [];
  }

  async addAll(chunks: AsyncIterable<Buffer>): Promise<this> {
    for await (const chunk of chunks) await this.add(chunk);
    return this;
  }

  /** Closes the file between two requests; `add` opens it again. */
  async pause(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** Puts the bytes at `target`, in one step for whoever looks. */
  moveTo(target: string): void {
    if (this.#spills) renameSync(this.#path, target);
    else writeFileSync(target, this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held));
    this.#held = [];
  }

  /** Forgets the bytes. */
  async discard(): Promise<void> {
    await this.pause();
    this.#held = [];
    rmSync(this.#path, { force: true });
  }

  #count(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#crc = crc32c(chunk, this.#crc);
    this.#md5.update(chunk);
  }
}

/** Hashes that a client sent in `X-Goog-Hash: crc32c=…,md5=…` (or twice the header). */
export function parseHashHeader(header: string | string[] | undefined): Hashes {
  const found: { crc32c?: string; md5?: string } = {};
  for (const part of [header ?? []].flat().join(',').split(',')) {
    const [, kind, value] = /^\s*(crc32c|md5)=(\S+)\s*$/.exec(part) ?? [];
    if (kind === 'crc32c' || kind === 'md5') found[kind] = value!;
  }
  return found;
}

/** Throws 400 when what arrived is not what the client says it sent. */
export function checkHashes(expected: Hashes, actual: Required<Hashes>): void {
  const mismatch = (name: string, sent: string, got: string): ApiError =>
    new ApiError(400, `Provided ${name} hash "${sent}" doesn't match calculated ${name} hash "${got}".`, {
      reason: 'invalid',
    });
  if (expected.md5 && expected.md5 !== actual.md5) throw mismatch('MD5', expected.md5, actual.md5);
  if (expected.crc32c && expected.crc32c !== actual.crc32c) {
    throw mismatch('CRC32C', expected.crc32c, actual.crc32c);
  }
}

async function writeWhole(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}

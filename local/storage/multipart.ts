/**
 * Reads a multipart/related upload as it arrives: a JSON part, then the object's bytes as a stream.
 * Under pressure: holds the JSON part and no more of the rest than a chunk and a boundary.
 * Takes what clients send: boundaries plain, in double or in single quotes, lines that end in CRLF or in a bare LF.
 * Source: RFC 2387 and 2046; https://cloud.google.com/storage/docs/uploading-objects#rest-upload-objects
 */
import { ApiError } from '../http.ts';

export interface MultipartUpload {
  /** Content of the first part. */
  readonly metadata: Buffer;
  /** Content-Type of the second part. */
  readonly contentType: string | undefined;
  /** Content of the second part, to be read to its end. */
  readonly data: AsyncIterable<Buffer>;
}

/** The first part and the headers of both must fit in here. */
const HEAD_BYTES = 1 << 20;

/** Reads up to the beginning of the second part's content. */
export async function readMultipart(
  body: AsyncIterable<Buffer>,
  contentType: string | undefined,
): Promise<MultipartUpload> {
  const boundary = boundaryOf(contentType);
  const reader = new DelimitedReader(body);
  await reader.until(Buffer.from(`--${boundary}`));
  const newline = (await reader.until(Buffer.from('\n'))).toString().endsWith('\r') ? '\r\n' : '\n';
  const delimiter = Buffer.from(`${newline}--${boundary}`);
  await readHeaders(reader);
  const metadata = await reader.until(delimiter);
  await reader.until(Buffer.from('\n'));
  const headers = await readHeaders(reader);
  return { metadata, contentType: headers.get('content-type'), data: reader.stream(delimiter) };
}

function boundaryOf(contentType: string | undefined): string {
  const [, double, single, plain] =
    /^multipart\/[^;]+;.*?boundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))/i.exec(contentType ?? '') ?? [];
  const boundary = double ?? single ?? plain;
  if (boundary) return boundary;
  throw malformed(`the Content-Type names no boundary: "${contentType ?? ''}"`);
}

/** Header lines up to the empty one. */
async function readHeaders(reader: DelimitedReader): Promise<Map<string, string>> {
  const headers = new Map<string, string>();
  for (;;) {
    const line = (await reader.until(Buffer.from('\n'))).toString('latin1').trim();
    if (line === '') return headers;
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

/** A stream of bytes read up to delimiters. */
class DelimitedReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** What comes before the delimiter; goes on behind it. */
  async until(delimiter: Buffer): Promise<Buffer> {
    for (;;) {
      const at = this.#rest.indexOf(delimiter);
      if (at >= 0) {
        const found = this.#rest.subarray(0, at);
        this.#rest = this.#rest.subarray(at + delimiter.length);
        return found;
      }
      if (this.#rest.length > HEAD_BYTES) throw malformed('the first part is too large');
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  /** What comes before the delimiter, chunk by chunk; then reads the source to its end. */
  async *stream(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#rest.indexOf(delimiter);
      if (at >= 0) {
        if (at > 0) yield this.#rest.subarray(0, at);
        while (!(await this.#source.next()).done);
        return;
      }
      // The last bytes may be the beginning of the delimiter.
      const sure = this.#rest.length - delimiter.length + 1;
      if (sure > 0) {
        yield this.#rest.subarray(0, sure);
        this.#rest = this.#rest.subarray(sure);
      }
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#source.next();
    if (done) throw malformed('it ends before its last boundary');
    return value;
  }
}

function malformed(what: string): ApiError {
  return new ApiError(400, `Malformed multipart body: ${what}.`, { reason: 'badRequest' });
}

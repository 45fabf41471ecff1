/** Text split into lines as it arrives: LF or CRLF, the byte-order mark left out. */
import { invalid } from '../../failure.ts';

export interface Line {
  readonly text: string;
  /** Byte at which it starts. */
  readonly position: number;
}

const MAX_LINE_BYTES = 100 * 1024 * 1024;

/** The lines of UTF-8 text. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let position = 0;
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = bytes.indexOf(10, rest.length); end >= 0; end = bytes.indexOf(10, at)) {
      yield { text: textOf(bytes, at, end, position === 0 && at === 0), position: position + at };
      at = end + 1;
    }
    position += at;
    rest = bytes.subarray(at);
    if (rest.length > MAX_LINE_BYTES) {
      throw invalid(
        `Error while reading data, error message: the row starting at position ${position} is larger than 100 MB.`,
      );
    }
  }
  if (rest.length > 0) yield { text: textOf(rest, 0, rest.length, position === 0), position };
}

function textOf(bytes: Buffer, start: number, end: number, first: boolean): string {
  const last = end > start && bytes[end - 1] === 13 ? end - 1 : end;
  const text = bytes.toString('utf8', start, last);
  return first && text.startsWith('\uFEFF') ? text.slice(1) : text;
}

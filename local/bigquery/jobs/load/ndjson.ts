/** Newline-delimited JSON: an object a line. Whole numbers beyond 2^53 keep their digits. */
import { parseExact } from '../../rows/exact-json.ts';
import { type Line, linesOf } from './lines.ts';

export interface SourceRow {
  /** An object (or what the line holds instead); an Error where the text is none. */
  readonly value: unknown;
  readonly position: number;
}

export async function* ndjsonRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<SourceRow> {
  for await (const line of linesOf(chunks)) {
    if (line.text.trim() !== '') yield { value: parseLine(line), position: line.position };
  }
}

function parseLine({ text }: Line): unknown {
  try {
    return parseExact(text);
  } catch {
    return new Error('Parser terminated before end of string');
  }
}

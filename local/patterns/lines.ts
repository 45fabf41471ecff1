/**
 * The lines of a file (`-`: standard input), read in blocks, so that the memory needed does not grow with the file.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const BLOCK_BYTES = 1 << 20;

/** The text of a file in blocks, without a byte order mark. */
export function* blocksOf(path: string, blockBytes = BLOCK_BYTES): Generator<string> {
  const file = path === '-' ? 0 : openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const block = Buffer.allocUnsafe(blockBytes);
    let first = true;
    for (let bytes = readSync(file, block); bytes > 0; bytes = readSync(file, block)) {
      const text = decoder.write(block.subarray(0, bytes));
      if (text === '') continue;
      yield first && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
      first = false;
    }
    yield decoder.end();
  } finally {
    if (file !== 0) closeSync(file);
  }
}

/** Lines without their ends (LF or CRLF); nothing after the last end is no line. */
export function* linesOf(blocks: Iterable<string>): Generator<string> {
  let open: string[] = [];
  for (const block of blocks) {
    let from = 0;
    for (let end = block.indexOf('\n'); end !== -1; end = block.indexOf('\n', from)) {
      open.push(block.slice(from, end));
      yield lineFrom(open);
      open = [];
      from = end + 1;
    }
    if (from < block.length) open.push(block.slice(from));
  }
  if (open.length > 0) yield lineFrom(open);
}

function lineFrom(pieces: readonly string[]): string {
  const line = pieces.length === 1 ? pieces[0]! : pieces.join('');
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/**
 * Stage 1: unpacked bytes → records. Two framings: byte 0x1e between records (Fluentd's compressed batches), or
 * lines (NDJSON, text, one record a message). Every byte but the separators and surrounding line ends ends in a
 * record; lines of white space alone are no records.
 *
 * A message that is valid UTF-8 is decoded once, as a whole. Otherwise each record is decoded on its own, and
 * one that is not valid UTF-8 is read as latin1, byte by byte, so that nothing of it is lost.
 */
import { isAscii, isUtf8 } from 'node:buffer';

export interface Records {
  readonly texts: readonly string[];
  /** Indices of the records that are not valid UTF-8 and were read as latin1; null: none. */
  readonly latin1: ReadonlySet<number> | null;
  /** The bytes, where all of them are ASCII; null: not all are. */
  readonly ascii: Buffer | null;
  /** Where each record begins in them. */
  readonly offsets: readonly number[];
  /** Whether 0x1e separated the records. */
  readonly separated: boolean;
}

const SEPARATOR = '\x1e';

/** Splits `bytes`; `separated` forces the 0x1e framing, which is otherwise recognised by a separator before "{". */
export function split(bytes: Buffer, forceSeparated = false): Records {
  const separated = forceSeparated || isSeparated(bytes);
  // latin1 decoding of pure ASCII is a copy, several times faster than UTF-8 decoding.
  if (isAscii(bytes))
    return { ...splitText(bytes.toString('latin1'), separated), latin1: null, ascii: bytes, separated };
  if (isUtf8(bytes))
    return { ...splitText(bytes.toString('utf8'), separated), latin1: null, ascii: null, separated };
  const { texts, offsets } = splitText(bytes.toString('latin1'), separated);
  const latin1 = new Set<number>();
  const decoded = texts.map((text, index) => {
    const record = Buffer.from(text, 'latin1');
    if (isUtf8(record)) return record.toString('utf8');
    latin1.add(index);
    return text;
  });
  return { texts: decoded, latin1, ascii: null, offsets, separated };
}

/** The bytes of a record again, as they came. */
export const recordBytes = (records: Records, index: number): Buffer =>
  Buffer.from(records.texts[index]!, records.latin1?.has(index) ? 'latin1' : 'utf8');

function isSeparated(bytes: Buffer): boolean {
  const at = bytes.indexOf(0x1e);
  if (at < 0) return false;
  const next = bytes[at + 1];
  return next === 0x7b || (at === 0 && bytes.length > 1);
}

interface Pieces {
  readonly texts: string[];
  readonly offsets: number[];
}

function splitText(text: string, separated: boolean): Pieces {
  if (!separated && isOneDocument(text))
    return { texts: [text.trim()], offsets: [text.length - text.trimStart().length] };
  const records: Pieces = { texts: [], offsets: [] };
  const mark = separated ? SEPARATOR : '\n';
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(mark, start);
    const end = found < 0 ? text.length : found;
    addRecord(records, text, start, end);
    start = end + 1;
  }
  return records;
}

/** Cuts line ends off both sides (each Fluentd record ends in "\n") and leaves out white space alone. */
function addRecord({ texts, offsets }: Pieces, text: string, start: number, end: number): void {
  let last = end;
  while (last > start && isLineEnd(text.charCodeAt(last - 1))) last--;
  let first = start;
  while (first < last && isLineEnd(text.charCodeAt(first))) first++;
  if (first === last) return;
  const record = text.slice(first, last);
  if (text.charCodeAt(first) <= 0x20 && !/[^ \t\v\f\r\n]/.test(record)) return;
  texts.push(record);
  offsets.push(first);
}

const isLineEnd = (code: number): boolean => code === 0x0a || code === 0x0d;

/** A JSON document printed over several lines: it opens with "{" and its first line does not close. */
function isOneDocument(text: string): boolean {
  if (text.charCodeAt(0) !== 0x7b) return false;
  const lineEnd = text.indexOf('\n');
  if (lineEnd < 0 || text.slice(0, lineEnd).trimEnd().endsWith('}') || !text.trimEnd().endsWith('}'))
    return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

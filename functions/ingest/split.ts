/**
 * Stage 1: unpacked bytes → records. Two framings: byte 0x1e between records (Fluentd's compressed batches), or
 * lines (NDJSON, text, one record a message). Every byte but the separators and surrounding line ends ends in a
 * record; lines of white space alone are no records.
 *
 * The message is decoded in pieces of whole records, so that what is cut out of a record keeps only its piece in memory;
 * in a piece that is not valid UTF-8 each record is decoded by itself, and one that is not valid is read as latin1, byte
 * by byte, so that nothing of it is lost.
 */
import { isAscii, isUtf8 } from 'node:buffer';

export interface Records {
  readonly texts: readonly string[];
  /** Indices of the records that are not valid UTF-8 and were read as latin1; null: none. */
  readonly latin1: ReadonlySet<number> | null;
  readonly bytes: Buffer;
  /** Where each record begins in the bytes; -1 for one that is not ASCII, whose characters are not its bytes. */
  readonly offsets: readonly number[];
  /** Whether 0x1e separated the records. */
  readonly separated: boolean;
}

const SEPARATOR = 0x1e;
const LINE_END = 0x0a;

/** A piece is this long, and goes on to the end of its last record. */
const PIECE_BYTES = 16 * 1024;

/** Splits `bytes`; `separated` forces the 0x1e framing, which is otherwise recognised by a separator before "{". */
export function split(bytes: Buffer, forceSeparated = false): Records {
  const separated = forceSeparated || isSeparated(bytes);
  const document = separated ? null : documentOf(bytes);
  if (document !== null) return document;
  const records: Splitting = { texts: [], offsets: [], latin1: new Set(), bytes };
  const mark = separated ? SEPARATOR : LINE_END;
  for (let start = 0; start < bytes.length; ) {
    const found = start + PIECE_BYTES < bytes.length ? bytes.indexOf(mark, start + PIECE_BYTES) : -1;
    const end = found < 0 ? bytes.length : found + 1;
    addPiece(records, start, end, separated ? '\x1e' : '\n');
    start = end;
  }
  const { texts, offsets, latin1 } = records;
  return { texts, latin1: latin1.size === 0 ? null : latin1, bytes, offsets, separated };
}

interface Splitting {
  readonly texts: string[];
  readonly offsets: number[];
  readonly latin1: Set<number>;
  readonly bytes: Buffer;
}

function addPiece(records: Splitting, start: number, end: number, mark: string): void {
  const piece = records.bytes.subarray(start, end);
  // latin1 decoding of pure ASCII is a copy, several times faster than UTF-8 decoding.
  const ascii = isAscii(piece);
  const valid = ascii || isUtf8(piece);
  const text = piece.toString(ascii || !valid ? 'latin1' : 'utf8');
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf(mark, from);
    const to = found < 0 ? text.length : found;
    const [first, last] = [skipLineEnds(text, from, to), withoutLineEnds(text, from, to)];
    from = to + 1;
    if (first >= last) continue;
    const record = text.slice(first, last);
    // Lines of white space alone are no records.
    if (record.charCodeAt(0) <= 0x20 && !/[^ \t\v\f\r\n]/.test(record)) continue;
    records.offsets.push(ascii ? start + first : -1);
    records.texts.push(valid ? record : decoded(records, record));
  }
}

/** A record of a piece that is not valid UTF-8. */
function decoded({ texts, latin1 }: Splitting, record: string): string {
  const bytes = Buffer.from(record, 'latin1');
  if (isUtf8(bytes)) return bytes.toString('utf8');
  latin1.add(texts.length);
  return record;
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

/** Line ends are cut off on both sides: each record of Fluentd ends in one. */
function skipLineEnds(text: string, start: number, end: number): number {
  let from = start;
  while (from < end && isLineEnd(text.charCodeAt(from))) from++;
  return from;
}

function withoutLineEnds(text: string, start: number, end: number): number {
  let to = end;
  while (to > start && isLineEnd(text.charCodeAt(to - 1))) to--;
  return to;
}

const isLineEnd = (code: number): boolean => code === LINE_END || code === 0x0d;

/** A JSON document printed over several lines: it opens with "{" and its first line does not close. */
function documentOf(bytes: Buffer): Records | null {
  if (bytes[0] !== 0x7b) return null;
  const lineEnd = bytes.indexOf(LINE_END);
  if (lineEnd < 0 || bytes.toString('latin1', 0, lineEnd).trimEnd().endsWith('}')) return null;
  const valid = isUtf8(bytes);
  const text = bytes.toString(valid ? 'utf8' : 'latin1').trim();
  if (!text.endsWith('}')) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const latin1 = valid ? null : new Set([0]);
  return { texts: [text], latin1, bytes, offsets: [isAscii(bytes) ? 0 : -1], separated: false };
}

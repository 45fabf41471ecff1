/**
 * The records of a batch → what became of each: entries, or the reasons why not. Records above the allowed size are
 * refused before they are read, so that no single record can hold up a batch.
 */
import type { Batch } from '../ingest/batch.ts';
import type { Failure } from '../ingest/failure.ts';
import type { ParsedRecord, ParseRecord, Parser, RecordContext } from './record-context.ts';

/** Parses the records of a batch; a parser that can joins those that are one event. */
export function parseRecordsOf(
  batch: Batch,
  parse: ParseRecord | Parser,
  maxRecordBytes: number,
): ParsedRecord[] {
  const { texts } = batch.records;
  const refused: ParsedRecord[] = [];
  const kept: number[] = [];
  for (let index = 0; index < texts.length; index++) {
    const failure = tooLarge(texts[index]!, maxRecordBytes);
    if (failure === null) kept.push(index);
    else refused.push({ result: failure, indices: [index] });
  }
  if (!('parseAll' in parse)) {
    const parsed = kept.map((index) => ({
      result: parse(texts[index]!, contextOf(batch, index)),
      indices: [index],
    }));
    return [...parsed, ...refused];
  }
  const keptTexts = refused.length === 0 ? texts : kept.map((index) => texts[index]!);
  const parsed = parse.parseAll(keptTexts, (at) => contextOf(batch, kept[at]!));
  if (refused.length === 0) return parsed;
  return [
    ...parsed.map(({ result, indices }) => ({ result, indices: indices.map((at) => kept[at]!) })),
    ...refused,
  ];
}

const contextOf = ({ id, message, records }: Batch, index: number): RecordContext => ({
  batchId: id,
  index,
  receivedAtUs: message.publishTimeUs,
  attributes: message.attributes,
  latin1: records.latin1?.has(index) ?? false,
  bytes: records.bytes,
  offset: records.offsets[index]!,
});

function tooLarge(text: string, maxBytes: number): Failure | null {
  // A string has at least a third as many characters as bytes, so most need no counting.
  if (text.length * 3 <= maxBytes) return null;
  const size = Buffer.byteLength(text);
  return size <= maxBytes
    ? null
    : { reason: 'too_large', detail: `record of ${size} bytes; allowed: ${maxBytes}` };
}

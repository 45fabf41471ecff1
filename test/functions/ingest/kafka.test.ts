/** What comes out of Kafka, by an import topic, Kafka Connect or Fluentd, is read as logs from elsewhere are. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../functions/ingest/batch.ts';
import { isFailure } from '../../../functions/ingest/failure.ts';
import { createParser } from '../../../functions/parse/parse-record.ts';
import { parseRecordsOf } from '../../../functions/parse/parse-records.ts';

interface KafkaCase {
  readonly case: string;
  readonly data: string;
  readonly gzip?: true;
  readonly attributes: Readonly<Record<string, string>>;
  /** null: from the content. */
  readonly batchId: string | null;
  readonly entries: readonly Readonly<Record<string, unknown>>[];
}

const CASES = JSON.parse(
  readFileSync(new URL('../../cases/kafka.json', import.meta.url), 'utf8'),
) as KafkaCase[];
const parser = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 });

describe('a record of Kafka', () => {
  it.each(CASES)('$case', ({ data, gzip, attributes, batchId, entries }) => {
    const bytes = gzip === true ? gzipSync(data) : Buffer.from(data);
    const message = { data: bytes, attributes, messageId: '7', publishTimeUs: 1_795_255_260_000_000 };
    const batch = readBatch(message, { maxUnpackedBytes: 1024 * 1024 });
    if (isFailure(batch)) throw new Error(batch.detail);
    expect(batch.id).toEqual(batchId ?? expect.stringMatching(/^[\w-]{22}$/));
    const results = parseRecordsOf(batch, parser, 1024 * 1024).map(({ result }) => result);
    expect(results).toHaveLength(entries.length);
    expect(results).toMatchObject(entries);
  });
});

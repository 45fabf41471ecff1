/**
 * Stage 1 as a whole: Pub/Sub message → batch of records with an identity.
 *
 * Batch id: the attribute `logweir-batch-id` where the shipper gives one; else, for a compressed batch or a
 * message of several records, the first 128 bits of the SHA-256 of the message data, so that a shipper's retry
 * (same bytes, new message id) is the same batch; else, for a single bare record, the Pub/Sub message id,
 * because two identical bare lines are two events.
 */
import { createHash } from 'node:crypto';
import { type Failure, isFailure } from './failure.ts';
import type { PubsubMessage } from './message.ts';
import { type Records, split } from './split.ts';
import { type Unpacked, unpack } from './unpack.ts';

export interface Batch {
  readonly id: string;
  readonly message: PubsubMessage;
  readonly records: Records;
  /** Old entries on purpose (attribute `logweir-backfill`): exempt from the lateness rule, no alerts. */
  readonly backfill: boolean;
}

/** A whole message that could not be read. */
export interface BatchFailure extends Failure {
  readonly id: string;
}

export const BATCH_ID_ATTRIBUTE = 'logweir-batch-id';
export const BACKFILL_ATTRIBUTE = 'logweir-backfill';

/** Reads a message into a batch, or says why it cannot be read. */
export function readBatch(
  message: PubsubMessage,
  limits: { readonly maxUnpackedBytes: number },
): Batch | BatchFailure {
  const unpacked = unpack(message.data, message.attributes, limits.maxUnpackedBytes);
  if (isFailure(unpacked)) return { ...unpacked, id: shippersId(message) ?? contentId(message.data) };
  const declared = message.attributes.compression_algorithm !== undefined;
  const records = split(unpacked.bytes, declared);
  return {
    id: batchId(message, unpacked, records),
    message,
    records,
    backfill: message.attributes[BACKFILL_ATTRIBUTE] === 'true',
  };
}

function batchId(message: PubsubMessage, unpacked: Unpacked, records: Records): string {
  const given = shippersId(message);
  if (given !== null) return given;
  const declared = message.attributes.compression_algorithm !== undefined;
  // A gzip without a declared batch may be one record compressed by itself (mia-0032's `compression gzip`).
  const isBatch = records.texts.length !== 1 || (declared && unpacked.compression !== 'none');
  return isBatch ? contentId(message.data) : `m${message.messageId}`;
}

/** The shipper's own id, where it is one that fits a row and a document. */
function shippersId(message: PubsubMessage): string | null {
  const id = message.attributes[BATCH_ID_ATTRIBUTE];
  return id !== undefined && /^[\w.:-]{8,128}$/.test(id) ? id : null;
}

const contentId = (data: Buffer): string =>
  createHash('sha256').update(data).digest().subarray(0, 16).toString('base64url');

/**
 * What the journal holds, as bytes: names and settings as JSON, messages as the publisher encoded them with id and
 * time appended, the rest as plain numbers. Little endian; ids and times are doubles (whole numbers below 2^53).
 */
import type { JournalRecord } from './journal.ts';
import type { Subscription, Topic } from './wire.ts';

export const KIND = { settings: 1, message: 2, moved: 3, acked: 4, failed: 5 } as const;

/** A change to names and settings. */
export type SettingsRecord =
  | { readonly topic: Topic; readonly uid: number }
  | { readonly subscription: Subscription; readonly uid: number; readonly topicUid: number }
  | { readonly gone: number }
  | { readonly nextUid: number };

/** A message as published, or moved with where it is still wanted. */
export interface MessageRecord {
  readonly id: number;
  readonly publishTimeMs: number;
  /** A message as published. */
  readonly topicUid: number;
  /** A message moved. */
  readonly pending: readonly { readonly subscriptionUid: number; readonly failures: number }[];
  /** Where the encoded message begins in the record. */
  readonly start: number;
}

const FIXED_BYTES = 24;
const PENDING_BYTES = 8;

export const settingsRecord = (change: SettingsRecord): JournalRecord => ({
  kind: KIND.settings,
  parts: [Buffer.from(JSON.stringify(change))],
});

export const readSettings = (body: Buffer): SettingsRecord =>
  JSON.parse(body.toString('utf8')) as SettingsRecord;

/** `parts` joined are the encoded message. */
export function messageRecord(
  message: Omit<MessageRecord, 'start'>,
  parts: readonly Uint8Array[],
): JournalRecord {
  const { id, publishTimeMs, topicUid, pending } = message;
  const head = Buffer.allocUnsafe(FIXED_BYTES + PENDING_BYTES * pending.length);
  head.writeDoubleLE(id, 0);
  head.writeDoubleLE(publishTimeMs, 8);
  head.writeUInt32LE(topicUid, 16);
  head.writeUInt32LE(pending.length, 20);
  pending.forEach(({ subscriptionUid, failures }, index) => {
    const at = FIXED_BYTES + PENDING_BYTES * index;
    head.writeUInt32LE(subscriptionUid, at);
    head.writeUInt32LE(failures, at + 4);
  });
  return { kind: pending.length > 0 ? KIND.moved : KIND.message, parts: [head, ...parts] };
}

export function readMessage(body: Buffer): MessageRecord {
  const count = body.readUInt32LE(20);
  const pending = Array.from({ length: count }, (_, index) => {
    const at = FIXED_BYTES + PENDING_BYTES * index;
    return { subscriptionUid: body.readUInt32LE(at), failures: body.readUInt32LE(at + 4) };
  });
  return {
    id: body.readDoubleLE(0),
    publishTimeMs: body.readDoubleLE(8),
    topicUid: body.readUInt32LE(16),
    pending,
    start: FIXED_BYTES + PENDING_BYTES * count,
  };
}

export function ackedRecord(subscriptionUid: number, ids: readonly number[]): JournalRecord {
  const body = Buffer.allocUnsafe(4 + 8 * ids.length);
  body.writeUInt32LE(subscriptionUid, 0);
  ids.forEach((id, index) => {
    body.writeDoubleLE(id, 4 + 8 * index);
  });
  return { kind: KIND.acked, parts: [body] };
}

export function readAcked(body: Buffer): {
  readonly subscriptionUid: number;
  readonly ids: readonly number[];
} {
  const ids = Array.from({ length: (body.length - 4) / 8 }, (_, index) => body.readDoubleLE(4 + 8 * index));
  return { subscriptionUid: body.readUInt32LE(0), ids };
}

export function failedRecord(subscriptionUid: number, id: number, failures: number): JournalRecord {
  const body = Buffer.allocUnsafe(16);
  body.writeUInt32LE(subscriptionUid, 0);
  body.writeUInt32LE(failures, 4);
  body.writeDoubleLE(id, 8);
  return { kind: KIND.failed, parts: [body] };
}

export function readFailed(body: Buffer): {
  readonly subscriptionUid: number;
  readonly id: number;
  readonly failures: number;
} {
  return {
    subscriptionUid: body.readUInt32LE(0),
    failures: body.readUInt32LE(4),
    id: body.readDoubleLE(8),
  };
}

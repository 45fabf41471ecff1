/**
 * The id by which a subscriber answers a delivery. It says which message, so that it is good also after the
 * deadline and after a restart: a late acknowledgement spares a duplicate.
 */
import { invalid } from './failure.ts';

export interface AckId {
  readonly subscriptionUid: number;
  readonly messageId: number;
  readonly serial: number;
}

const FORM = /^([0-9a-z]{1,8})-([0-9a-z]{1,11})-([0-9a-z]{1,8})$/;

export function ackId({ subscriptionUid, messageId, serial }: AckId): string {
  return `${subscriptionUid.toString(36)}-${messageId.toString(36)}-${serial.toString(36)}`;
}

/** Throws INVALID_ARGUMENT for what this subscription never gave out. */
export function parseAckId(text: string, subscriptionUid: number): AckId {
  const [, uid = '', messageId = '', serial = ''] = FORM.exec(text) ?? [];
  if (uid === '' || Number.parseInt(uid, 36) !== subscriptionUid) {
    throw invalid(`You have passed an invalid ack ID to the service (ack_id=${text.slice(0, 100)}).`);
  }
  return {
    subscriptionUid,
    messageId: Number.parseInt(messageId, 36),
    serial: Number.parseInt(serial, 36),
  };
}

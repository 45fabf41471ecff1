/** The Firestore collections of alerting, for those who provision them (as functions/window/collections.ts). */
import type { CollectionLayout } from '../window/collections.ts';

export const SERVICES = 'alert_services';
export const BOARDS = 'alert_boards';
export const OUTBOX = 'alert_outbox';
export const THREADS = 'alert_threads';

const ttlField = 'expires_at';

export const ALERT_COLLECTIONS: readonly CollectionLayout[] = [
  { collection: SERVICES, ttlField, unindexed: [ttlField, 'state', 'commits', 'service'] },
  { collection: BOARDS, ttlField, unindexed: [ttlField, 'board', 'commits'] },
  {
    collection: OUTBOX,
    ttlField,
    unindexed: [ttlField, 'data', 'why', 'attempts', 'created_at', 'sequence', 'channel', 'replaceable'],
  },
  { collection: THREADS, ttlField, unindexed: [ttlField, 'ref', 'lease_until', 'commits'] },
];

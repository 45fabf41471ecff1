/** The Firestore collections of detection, for those who provision them (window/collections.ts says how). */
import type { CollectionLayout } from '../window/collections.ts';

export const NOTES = 'window_notes';
export const MEMORIES = 'service_patterns';

const ttlField = 'expires_at';

export const DETECT_COLLECTIONS: readonly CollectionLayout[] = [
  { collection: NOTES, ttlField, unindexed: [ttlField, 'data', 'start', 'end', 'revision', 'parts'] },
  { collection: MEMORIES, ttlField, unindexed: [ttlField, 'service', 'since', 'patterns', 'categories'] },
];

/**
 * The Firestore collections of the window stage, for those who provision them: every one has a TTL field; fields that
 * nobody searches by are exempt from indexing, because large or marching values make writes slow.
 */
export const PARTIALS = 'window_partials';
export const WINDOWS = 'windows';
export const TIMERS = 'window_timers';

export interface CollectionLayout {
  readonly collection: string;
  readonly ttlField: string;
  /** Fields without an index. */
  readonly unindexed: readonly string[];
}

const ttlField = 'expires_at';

export const WINDOW_COLLECTIONS: readonly CollectionLayout[] = [
  {
    collection: PARTIALS,
    ttlField,
    unindexed: [ttlField, 'data', 'kind', 'backfill', 'from_end', 'span_start', 'span_end'],
  },
  {
    collection: WINDOWS,
    ttlField,
    unindexed: [ttlField, 'rows', 'commits', 'seal_at', 'start', 'end', 'key', 'job'],
  },
  { collection: TIMERS, ttlField, unindexed: [ttlField, 'start', 'end', 'key', 'job', 'slot', 'asks'] },
];

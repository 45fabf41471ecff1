/**
 * Lifecycle rules of the staging bucket, for those who provision it. Files are gone minutes after they were written; the
 * rules end what nobody loads: by then the raw archive, which is kept for longer, is the way back (`logweir replay`).
 */
import type { LifecycleRule } from '../archive/lifecycle.ts';
import { REFUSED_PREFIX, ROWS_PREFIX } from './layout.ts';

const ROWS_DAYS = 7;
/** Somebody is to look at them. */
const REFUSED_DAYS = 30;

export const STAGING_LIFECYCLE: readonly LifecycleRule[] = [
  { action: { type: 'Delete' }, condition: { age: ROWS_DAYS, matchesPrefix: [ROWS_PREFIX] } },
  { action: { type: 'Delete' }, condition: { age: REFUSED_DAYS, matchesPrefix: [REFUSED_PREFIX] } },
];

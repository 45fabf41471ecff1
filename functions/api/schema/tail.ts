/**
 * Live tail: Server-Sent Events. `event: ready` first, then `event: entries` with the new entries, oldest first, and
 * `event: gap` in the place of entries that this client was too slow for. A comment line every 15 s keeps it open.
 * It tells what comes from now on; what a broken connection missed is in `/logs`.
 */
import { z } from 'zod';
import { logEntry, logFilters } from './logs.ts';
import { count, time } from './value.ts';

export const tailQuery = z.strictObject(logFilters);
export type TailQuery = z.input<typeof tailQuery>;

export const tailReady = z.object({ now: time });
export type TailReady = z.infer<typeof tailReady>;

/** `matched` counts all that fit the filters; beyond a rate that a person can read only a sample of them is sent. */
export const tailEntries = z.object({ entries: z.array(logEntry), matched: count });
export type TailEntries = z.infer<typeof tailEntries>;

/** Entries that were not sent. */
export const tailGap = z.object({ dropped: count, from: time, to: time });
export type TailGap = z.infer<typeof tailGap>;

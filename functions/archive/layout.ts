/** Where things lie in the archive bucket, for those who write, read and provision it. */

/** Raw messages, as the Cloud Storage subscription writes them. */
export const RAW_PREFIX = 'raw/';
/** Days of log_entries that have left BigQuery: `cold/log_entries/day=2026-10-01/service_hash=7/….parquet`. */
export const COLD_PREFIX = 'cold/log_entries/';
/** What stands for each of these days, written when it is whole: `cold-manifests/log_entries/2026-10-01.json`. */
export const MANIFEST_PREFIX = 'cold-manifests/log_entries/';

/** Whose data was deleted, as hashes. */
export const FORGOTTEN_NAME = 'forgotten/users.json';

const DAY_IN_MANIFEST = /(\d{4}-\d\d-\d\d)\.json$/;

/** `2026-10-01` → the name of its manifest. */
export const manifestName = (day: string): string => `${MANIFEST_PREFIX}${day}.json`;

/** The day of a manifest's name; null: it is no manifest. */
export const dayOfManifest = (name: string): string | null => DAY_IN_MANIFEST.exec(name)?.[1] ?? null;

/** `YYYY-MM-DD` of a time in ms since the epoch, in UTC. */
export const utcDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Where things lie in the staging bucket, for those who write, load and provision it. */

/** Files of rows that wait to be loaded: `rows/log_entries/1795168800000-….avro`. */
export const ROWS_PREFIX = 'rows/log_entries/';
/** Files that nobody can read, to be looked at. */
export const REFUSED_PREFIX = 'refused/log_entries/';
/** What is being loaded (load-state.ts). */
export const STATE_NAME = 'state/log_entries.json';

/** Name of a file that was begun at a time (ms since the epoch): names are in the order of time. */
export const rowsName = (ms: number, id: string): string =>
  `${ROWS_PREFIX}${String(ms).padStart(13, '0')}-${id}.avro`;

/** When a file was begun, by its name. */
export const beganMs = (name: string): number => Number(name.slice(ROWS_PREFIX.length).split('-')[0]);

export const refusedName = (name: string): string => `${REFUSED_PREFIX}${name.slice(ROWS_PREFIX.length)}`;

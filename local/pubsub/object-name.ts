/**
 * Names of the objects that a Cloud Storage subscription writes: prefix, UTC time in the subscription's format,
 * separator, a unique part, suffix. Pure.
 * Source: https://cloud.google.com/pubsub/docs/create-cloudstorage-subscription#file_names
 */
import { invalid } from './failure.ts';
import type { CloudStorageConfig } from './wire.ts';

const DEFAULT_FORMAT = 'YYYY-MM-DDThh:mm:ss+00:00';
const MATCHER = /YYYY|YY|MM|DD|hh|mm|ss|T|Z|\+00:00|[-_:/]/gy;
const REPEATABLE = ['-', '_', ':', '/'];
/** Each of these, or one of them, must be there. */
const REQUIRED = [['YYYY', 'YY'], ['MM'], ['DD'], ['hh'], ['mm'], ['ss']];
const ONCE_TOGETHER = [
  ['YYYY', 'YY'],
  ['Z', '+00:00'],
];

/** Refuses what the service does; empty is the default. */
export function checkDatetimeFormat(format: string): void {
  if (format === '') return;
  const parts = format.match(MATCHER) ?? [];
  const once = parts.filter((part) => !REPEATABLE.includes(part));
  const isValid =
    parts.join('') === format &&
    new Set(once).size === once.length &&
    REQUIRED.every((choice) => choice.some((part) => once.includes(part))) &&
    ONCE_TOGETHER.every((choice) => choice.filter((part) => once.includes(part)).length < 2);
  if (isValid) return;
  throw invalid(
    `Invalid filename_datetime_format given (filename_datetime_format=${format}). It must have YYYY or YY, MM, DD, hh, mm and ss once each, may have T, Z or +00:00 once, and "-", "_", ":", "/".`,
  );
}

/** The name of an object begun at this time; `unique` tells it from others of the same second. */
export function objectName(config: CloudStorageConfig, timeMs: number, unique: string): string {
  const format = config.filenameDatetimeFormat || DEFAULT_FORMAT;
  const iso = new Date(timeMs).toISOString();
  const values: Readonly<Record<string, string>> = {
    YYYY: iso.slice(0, 4),
    YY: iso.slice(2, 4),
    MM: iso.slice(5, 7),
    DD: iso.slice(8, 10),
    hh: iso.slice(11, 13),
    mm: iso.slice(14, 16),
    ss: iso.slice(17, 19),
  };
  const time = format.replace(MATCHER, (part) => values[part] ?? part);
  const separator = REPEATABLE.includes(format.at(-1)!) ? '' : '_';
  return `${config.filenamePrefix ?? ''}${time}${separator}${unique}${config.filenameSuffix ?? ''}`;
}

/**
 * Texts in BigQuery's canonical forms → DuckDB's numbers: days, microseconds, decimals. Null where the text is in no
 * such form or out of BigQuery's range (years 1 to 9999). Zones are `Z`, `UTC` and offsets; a name is not read.
 * Source: https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types
 */

const DAY = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const CLOCK = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,9}))?$/;
const INSTANT = /^(\d{4}-\d{1,2}-\d{1,2})(?:[Tt ]\s*(\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{0,9})?)?))?\s*(.*)$/;
const OFFSET = /^(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?$/i;

const DAY_MS = 86_400_000;
const SECOND_US = 1_000_000n;
export const DAY_US = 86_400n * SECOND_US;
export const MIN_TIMESTAMP_US = -62_135_596_800_000_000n;
export const END_TIMESTAMP_US = 253_402_300_800_000_000n;
export const MIN_DAY = -719_162;
export const MAX_DAY = 2_932_896;

/** `2026-11-20` → days since 1970. */
export function parseDate(text: string): number | null {
  const found = DAY.exec(text);
  if (!found) return null;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCDate() === day ? date.getTime() / DAY_MS : null;
}

/** `10:20:30.45` → microseconds since midnight. */
export function parseTime(text: string): bigint | null {
  const found = CLOCK.exec(text);
  if (!found) return null;
  const [hours, minutes, seconds] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const micros = BigInt((found[4] ?? '').padEnd(6, '0').slice(0, 6));
  return BigInt(hours * 3600 + minutes * 60 + seconds) * SECOND_US + micros;
}

/** `2026-11-20T10:20:30.45` → microseconds since 1970, in no zone. */
export function parseDatetime(text: string): bigint | null {
  const found = INSTANT.exec(text);
  return found && found[3] === '' ? parseMoment(found[1] ?? '', found[2]) : null;
}

/** `2026-11-20 10:20:30.45+01:00` → microseconds since 1970; UTC where it names no zone. */
export function parseTimestamp(text: string): bigint | null {
  const found = INSTANT.exec(text);
  if (!found) return null;
  const moment = parseMoment(found[1] ?? '', found[2]);
  const offset = parseOffset(found[3] ?? '');
  if (moment === null || offset === null) return null;
  return inRange(moment - BigInt(offset * 60) * SECOND_US);
}

/** Seconds since 1970, as JSON and CSV may have them → microseconds. */
export function secondsToMicros(seconds: number): bigint | null {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > 1e12) return null;
  const whole = Math.floor(seconds);
  return inRange(BigInt(whole) * SECOND_US + BigInt(Math.round((seconds - whole) * 1e6)));
}

const NUMERIC_SCALE = 9;
const NUMERIC_LIMIT = 10n ** 38n;

/** `-12.5`, `1e3` → NUMERIC as a whole number of 10^-9, rounded half away from zero. */
export function parseNumeric(text: string): bigint | null {
  const found = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?\s*$/.exec(text);
  const [, sign, whole = '', part = '', exponent = '0'] = found ?? [];
  if (!found || whole + part === '') return null;
  const shift = NUMERIC_SCALE - part.length + Number(exponent);
  const digits = BigInt(whole + part);
  const size = shift >= 0 ? digits * 10n ** BigInt(shift) : halfUp(digits, 10n ** BigInt(-shift));
  if (size >= NUMERIC_LIMIT) return null;
  return sign === '-' ? -size : size;
}

/** A timestamp within BigQuery's range, or null. */
export const inRange = (micros: bigint): bigint | null =>
  micros >= MIN_TIMESTAMP_US && micros < END_TIMESTAMP_US ? micros : null;

const halfUp = (digits: bigint, unit: bigint): bigint => (digits + unit / 2n) / unit;

function parseMoment(day: string, clock: string | undefined): bigint | null {
  const days = parseDate(day);
  const withSeconds = clock === undefined || clock.split(':').length === 3 ? clock : `${clock}:00`;
  const micros = withSeconds === undefined ? 0n : parseTime(withSeconds);
  return days === null || micros === null ? null : BigInt(days) * DAY_US + micros;
}

/** Minutes east of UTC. */
function parseOffset(zone: string): number | null {
  if (zone === '' || /^(z|utc)$/i.test(zone)) return 0;
  const found = OFFSET.exec(zone);
  if (!found) return null;
  const [hours, minutes] = [Number(found[2]), Number(found[3] ?? 0)];
  if (hours > 14 || minutes > 59) return null;
  return (found[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

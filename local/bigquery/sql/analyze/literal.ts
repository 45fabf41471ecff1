/**
 * Literals as DuckDB text. Dates and times are read here, by GoogleSQL's rules and no others: what GoogleSQL
 * refuses ('2026-13-01', '2024-01-01 10:00') must not become something DuckDB happens to read.
 */

import type { Type } from '../type.ts';
import * as types from '../type.ts';
import type { Expr } from './expr.ts';
import { makeExpr } from './expr.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A VARCHAR literal of DuckDB for any text, also with NUL, and with `$1`, which templates must not take for theirs. */
export function quoteText(text: string): string {
  if (!text.includes('\0') && !/\$\d/.test(text)) return quoted(text);
  const pieces = text.split('\0').map((part) =>
    part
      .split(/(?<=\$)(?=\d)/)
      .map(quoted)
      .join(' || '),
  );
  return `(${pieces.join(' || chr(0) || ')})`;
}

export function stringLiteral(value: string): Expr {
  return makeExpr(types.STRING, [quoteText(value)], { literal: { kind: 'string', value }, simple: true });
}

export function intLiteral(value: bigint): Expr {
  const text = value < 0n ? `(${value})` : `${value}`;
  return makeExpr(types.INT64, [`${text}::BIGINT`], { literal: { kind: 'int', value }, simple: true });
}

export function floatLiteral(value: number): Expr {
  return makeExpr(types.FLOAT64, [floatText(value)], { literal: { kind: 'float', value }, simple: true });
}

/** Text that DuckDB reads as this very double. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return `'nan'::DOUBLE`;
  if (!Number.isFinite(value)) return value > 0 ? `'infinity'::DOUBLE` : `'-infinity'::DOUBLE`;
  return `'${value}'::DOUBLE`;
}

export function boolLiteral(value: boolean): Expr {
  return makeExpr(types.BOOL, [value ? 'TRUE' : 'FALSE'], { literal: { kind: 'bool', value }, simple: true });
}

/** From one character a byte. */
export function bytesLiteral(latin1: string): Expr {
  const hex = Buffer.from(latin1, 'latin1').toString('hex');
  return makeExpr(types.BYTES, [`unhex('${hex}')`], { simple: true });
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function dateText(year: string, month: string, day: string): string | null {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  if (y < 1 || m < 1 || m > 12 || d < 1 || d > daysInMonth(y, m)) return null;
  return `${pad(y, 4)}-${pad(m, 2)}-${pad(d, 2)}`;
}

/** Second 60 is the next minute's second 0: null, since it is no time DuckDB can write; refused. */
function timeText(hour: string, minute: string, second: string, fraction: string | undefined): string | null {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (h > 23 || m > 59 || s > 59) return null;
  return `${pad(h, 2)}:${pad(m, 2)}:${pad(s, 2)}${fraction ? `.${fraction}` : ''}`;
}

const datePattern = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const timePattern = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?$/;
const datetimePattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?)?$/;
const timestampPattern =
  /^(\d{4}-\d{1,2}-\d{1,2})(?:[ Tt](\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,6})?)([Zz]|[+-]\d{1,2}(?::?\d{2})?)?)?( [A-Za-z_]+(?:[/+-][A-Za-z0-9_+-]+)*)?$/;

export function parseDate(text: string): string | null {
  const [, y, m, d] = datePattern.exec(text) ?? [];
  return y && m && d ? dateText(y, m, d) : null;
}

export function parseTime(text: string): string | null {
  const [, h, m, s, f] = timePattern.exec(text) ?? [];
  return h && m && s ? timeText(h, m, s, f) : null;
}

export function parseDatetime(text: string): string | null {
  const [, y, mo, d, h, mi, s, f] = datetimePattern.exec(text) ?? [];
  if (!y || !mo || !d) return null;
  const date = dateText(y, mo, d);
  const time = h && mi && s ? timeText(h, mi, s, f) : '00:00:00';
  return date && time ? `${date} ${time}` : null;
}

export type Zone =
  | { readonly kind: 'offset'; readonly minutes: number }
  | { readonly kind: 'name'; readonly name: string };

const offsetPattern = /^([+-])(\d{1,2})(?::?(\d{2}))?$/;

/** A time zone as GoogleSQL names it: `UTC`, `America/New_York`, `+05:30`. Null: there is none such. */
export function parseZone(text: string): Zone | null {
  if (/^(?:UTC|Z|z|GMT)$/i.test(text)) return { kind: 'offset', minutes: 0 };
  const [, sign, hours, minutes] = offsetPattern.exec(text) ?? [];
  if (sign && hours) {
    const total = Number(hours) * 60 + Number(minutes ?? 0);
    if (Number(minutes ?? 0) > 59 || total > 14 * 60) return null;
    return { kind: 'offset', minutes: sign === '-' ? -total : total };
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
  } catch {
    return null;
  }
  return /^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text) ? { kind: 'name', name: text } : null;
}

/** DuckDB text of the instant that a local time is in a zone. */
function instantText(local: string, zone: Zone): string {
  if (zone.kind === 'name') {
    // a local time that the zone has twice is the first of the two (see functions/zone.ts)
    const later = `(TIMESTAMP '${local}' AT TIME ZONE ${quoteText(zone.name)})`;
    const earlier = `(${later} - INTERVAL 1 HOUR)`;
    return `CASE WHEN (${earlier} AT TIME ZONE ${quoteText(zone.name)}) = TIMESTAMP '${local}' THEN ${earlier} ELSE ${later} END`;
  }
  const sign = zone.minutes < 0 ? '-' : '+';
  const minutes = Math.abs(zone.minutes);
  return `TIMESTAMPTZ '${local}${sign}${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}'`;
}

/** DuckDB text of a TIMESTAMP written as GoogleSQL allows it; null where it does not. */
export function parseTimestamp(text: string, zoneOfText: Zone | null = null): string | null {
  const [, date, time, offset, name] = timestampPattern.exec(text) ?? [];
  if (!date || (offset && name) || (name && !time)) return null;
  const local = parseDatetime(time ? `${date} ${time}` : date);
  const written = offset ?? name?.slice(1);
  const zone = written ? parseZone(written) : (zoneOfText ?? { kind: 'offset', minutes: 0 });
  return local && zone ? instantText(local, zone) : null;
}

/** A string literal read as a date or time. Null: it is none. */
export function temporalLiteral(text: string, type: Type): Expr | null {
  const one = temporalText(text, type);
  return one === null ? null : makeExpr(type, [one], { simple: true });
}

function temporalText(text: string, type: Type): string | null {
  const value = {
    DATE: () => parseDate(text),
    TIME: () => parseTime(text),
    DATETIME: () => parseDatetime(text),
    TIMESTAMP: () => parseTimestamp(text),
  }[type.kind as 'DATE']?.();
  if (value === undefined || value === null) return null;
  if (type.kind === 'TIMESTAMP') return value;
  return type.kind === 'DATETIME' ? `TIMESTAMP '${value}'` : `${type.kind} '${value}'`;
}

const numericPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?$/;

/** Text of a NUMERIC literal, in plain digits, if it fits 29 digits before the point and 9 after it. */
export function parseNumeric(text: string): string | null {
  const trimmed = text.trim();
  const found = numericPattern.exec(trimmed);
  if (!found || Math.abs(Number(found[1] ?? 0)) > 60) return null;
  const [mantissa = '', exponent = '0'] = trimmed.toLowerCase().split('e');
  const negative = mantissa.startsWith('-');
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const shift = fraction.length - Number(exponent);
  const digits = BigInt(`${whole}${fraction}` || '0');
  const units = shift > 9 ? digits / 10n ** BigInt(shift - 9) : digits * 10n ** BigInt(9 - shift);
  if (shift > 9 && digits % 10n ** BigInt(shift - 9) !== 0n) return null;
  if (units >= 10n ** 38n) return null;
  const padded = units.toString().padStart(10, '0');
  return `${negative && units > 0n ? '-' : ''}${padded.slice(0, -9)}.${padded.slice(-9)}`;
}

/**
 * PARSE_DATE, PARSE_DATETIME, PARSE_TIME, PARSE_TIMESTAMP: the format is read while translating and becomes one
 * regular expression. An element takes as many digits as it can and no fewer if digits follow, so the expression
 * cannot go back where Google's parser would not. Source: GoogleSQL "Format elements for date and time parts".
 */

import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import { failing, failingText } from '../analyze/failure.ts';
import type { Zone } from '../analyze/literal.ts';
import { quoteText } from '../analyze/literal.ts';
import * as types from '../type.ts';
import type { CallSite, Specials } from './signature.ts';
import type { Piece, TimeKind } from './time-format.ts';
import { composites, formatPieces, hasElement } from './time-format.ts';
import { instantSql, utcZone, zoneArgument } from './zone.ts';

interface Element {
  /** Field that it sets; null: it is read and left. */
  readonly field: string | null;
  /** With a group; `wide`: where a digit follows. */
  readonly pattern: string;
  readonly wide?: string;
  readonly endsInDigit?: boolean;
  readonly beginsWithDigit?: boolean;
}

const number = (field: string, pattern: string, wide: string): Element => ({
  field,
  pattern: `(${pattern})`,
  wide: `(${wide})`,
  endsInDigit: true,
  beginsWithDigit: true,
});

const months =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';
const weekdays =
  'sun(?:day)?|mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?';
const weekday: Element = { field: null, pattern: `(?i:${weekdays})` };
const month: Element = { field: 'b', pattern: `((?i:${months}))` };
const day = number('d', '3[01]|[12][0-9]|0?[1-9]', '0[1-9]|[12][0-9]|3[01]');
const hour = number('H', '2[0-3]|[01]?[0-9]', '[01][0-9]|2[0-3]');
const twelve = number('I', '1[0-2]|0?[1-9]', '0[1-9]|1[0-2]');

const elements: Readonly<Record<string, Element>> = {
  A: weekday,
  a: weekday,
  B: month,
  b: month,
  d: day,
  e: day,
  H: hour,
  k: hour,
  I: twelve,
  l: twelve,
  j: number('j', '3[0-6][0-9]|[12][0-9][0-9]|0?[1-9][0-9]|0?0?[1-9]', '[0-3][0-9][0-9]'),
  M: number('mi', '[0-5]?[0-9]', '[0-5][0-9]'),
  m: number('m', '1[0-2]|0?[1-9]', '0[1-9]|1[0-2]'),
  p: { field: 'p', pattern: '((?i:[ap]m))' },
  S: number('S', '60|[0-5]?[0-9]', '60|[0-5][0-9]'),
  Y: number('Y', '[0-9]{1,4}', '[0-9]{4}'),
  E4Y: number('Y', '[0-9]{4}', '[0-9]{4}'),
  y: number('y', '[0-9]{1,2}', '[0-9]{2}'),
  s: { ...number('s', '-?[0-9]{1,12}', '-?[0-9]{1,12}') },
  z: { field: 'z', pattern: '([+-][0-9]{2}(?:[0-9]{2})?|[Zz])' },
  Z: { field: 'zone', pattern: '([A-Za-z][A-Za-z0-9_+/-]*)' },
  Ez: { field: 'z', pattern: '([+-][0-9]{2}(?::?[0-9]{2})?|[Zz])' },
};

function elementOf(name: string): Element | null {
  const fraction = /^E([*\d])S$/.exec(name)?.[1];
  if (fraction === undefined) return elements[name] ?? null;
  const digits = fraction === '*' ? '[0-9]*' : `[0-9]{0,${fraction}}`;
  return {
    field: 'S',
    pattern: `((?:60|[0-5]?[0-9])(?:\\.${digits})?)`,
    endsInDigit: true,
    beginsWithDigit: true,
  };
}

interface Parser {
  /** Regular expression over the whole text. */
  readonly pattern: string;
  readonly fields: readonly string[];
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

function flat(format: string): readonly Piece[] {
  return formatPieces(format).flatMap((piece) => {
    const inner = piece.kind === 'element' ? composites[piece.name] : undefined;
    return inner === undefined ? [piece] : formatPieces(inner);
  });
}

function parserOf(format: string, kind: TimeKind, call: CallSite): Parser {
  const pieces = flat(format);
  const fields: string[] = [];
  const pattern = pieces.map((piece, i) => {
    if (piece.kind === 'text') {
      return piece.text
        .split(/(\s+)/)
        .map((part) => (/^\s+$/.test(part) ? '\\s*' : escaped(part)))
        .join('');
    }
    const element = elementOf(piece.name);
    if (!element) throw call.unsupported(`format element %${piece.name} in ${call.name}`);
    if (!hasElement(kind, piece.name))
      throw call.fail(`Invalid format: %${piece.name} is not allowed for the ${kind} type.`);
    if (element.field !== null) {
      if (fields.includes(element.field)) throw call.unsupported(`%${piece.name} twice in ${call.name}`);
      fields.push(element.field);
    }
    return followedByDigit(pieces[i + 1]) && element.endsInDigit
      ? (element.wide ?? unbounded(piece.name, call))
      : element.pattern;
  });
  return { pattern: `^\\s*(${pattern.join('')})\\s*$`, fields };
}

function unbounded(name: string, call: CallSite): never {
  throw call.unsupported(`%${name} before digits in ${call.name}`);
}

function followedByDigit(piece: Piece | undefined): boolean {
  if (!piece) return false;
  if (piece.kind === 'text') return /^\d/.test(piece.text);
  return elementOf(piece.name)?.beginsWithDigit ?? false;
}

const field = (name: string): string => `r."${name}"`;
const whole = (name: string): string => `CAST(${field(name)} AS BIGINT)`;

function yearSql(fields: readonly string[]): string {
  if (fields.includes('Y')) return whole('Y');
  return fields.includes('y')
    ? `(${whole('y')} + CASE WHEN ${whole('y')} < 69 THEN 2000 ELSE 1900 END)`
    : '1970';
}

function monthSql(fields: readonly string[]): string {
  if (fields.includes('m')) return whole('m');
  const names = `'janfebmaraprmayjunjulaugsepoctnovdec'`;
  return fields.includes('b') ? `((strpos(${names}, lower(substr(${field('b')}, 1, 3))) + 2) // 3)` : '1';
}

function hourSql(fields: readonly string[]): string {
  if (fields.includes('H')) return whole('H');
  if (!fields.includes('I')) return '0';
  const half = fields.includes('p') ? ` + CASE WHEN lower(${field('p')}) = 'pm' THEN 12 ELSE 0 END` : '';
  return `(${whole('I')} % 12${half})`;
}

/** Microseconds of the seconds, cut after six digits. */
function secondSql(fields: readonly string[]): string {
  if (!fields.includes('S')) return '0';
  const text = field('S');
  const part = `rpad(substr(split_part(${text}, '.', 2), 1, 6), 6, '0')`;
  return `(CAST(split_part(${text}, '.', 1) AS BIGINT) * 1000000 + CAST(${part} AS BIGINT))`;
}

function offsetSql(fields: readonly string[]): string {
  if (!fields.includes('z')) return '';
  const text = `regexp_replace(${field('z')}, ':', '')`;
  const minutes = `(CAST(substr(${text}, 2, 2) AS BIGINT) * 60 + coalesce(TRY_CAST(nullif(substr(${text}, 4, 2), '') AS BIGINT), 0))`;
  return `CASE WHEN lower(${text}) = 'z' THEN 0 WHEN substr(${text}, 1, 1) = '-' THEN -${minutes} ELSE ${minutes} END`;
}

/** The local time of `r`, as DuckDB's TIMESTAMP. */
function localTime({ fields }: Parser): string {
  const [year, month] = [yearSql(fields), monthSql(fields)];
  const day = fields.includes('d') ? whole('d') : '1';
  const minute = fields.includes('mi') ? whole('mi') : '0';
  const outside = failing('TIMESTAMP', 'Out-of-range datetime field in parsing function');
  const clock = `to_microseconds(${hourSql(fields)} * 3600000000 + ${minute} * 60000000 + ${secondSql(fields)})`;
  if (fields.includes('j')) {
    const last = `CASE WHEN ${year} < 1 OR ${whole('j')} > dayofyear(make_date(${year}, 12, 31)) THEN ${outside} ELSE`;
    return `${last} make_timestamp(${year}, 1, 1, 0, 0, 0) + to_days(CAST(${whole('j')} - 1 AS INTEGER)) + ${clock} END`;
  }
  const valid = `${year} >= 1 AND ${day} <= day(last_day(make_date(greatest(${year}, 1), ${month}, 1)))`;
  return `CASE WHEN ${valid} THEN make_timestamp(${year}, ${month}, ${day}, 0, 0, 0) + ${clock} ELSE ${outside} END`;
}

function resultSql(parser: Parser, kind: TimeKind, zone: Zone): string {
  const { fields } = parser;
  if (fields.includes('zone')) {
    const plain = resultSql({ ...parser, fields: fields.filter((name) => name !== 'zone') }, kind, utcZone);
    const other = failing(
      'TIMESTAMPTZ',
      'not supported locally: time zones other than UTC in text that is parsed',
    );
    return `CASE WHEN ${field('zone')} IN ('UTC', 'GMT', 'Etc/UTC') THEN ${plain} ELSE ${other} END`;
  }
  if (fields.includes('s')) {
    return kind === 'TIMESTAMP'
      ? `make_timestamptz(${whole('s')} * 1000000)`
      : `make_timestamp(${whole('s')} * 1000000)`;
  }
  const local = localTime(parser);
  if (kind !== 'TIMESTAMP') return kind === 'DATETIME' ? local : `CAST(${local} AS ${kind})`;
  const offset = offsetSql(fields);
  if (offset !== '') return `make_timestamptz(epoch_us(${local}) - (${offset}) * 60000000)`;
  return zone.kind === 'offset'
    ? instantSql(zone, `(${local})`)
    : `list_transform([${local}], lambda l: ${instantSql(zone, 'l')})[1]`;
}

function parsed(kind: TimeKind) {
  return (call: CallSite): Expr => {
    call.argCount(2, kind === 'TIMESTAMP' ? 3 : 2);
    const format = call.constant(0, 'format');
    const text = call.typed(1, 'STRING');
    const zone = zoneArgument(call, 2);
    const parser = parserOf(format, kind, call);
    if (parser.fields.includes('s') && parser.fields.length > 1)
      throw call.unsupported(`%s with other elements in ${call.name}`);
    const type = types.duckdbType({ kind });
    const names = ['all', ...parser.fields].map((name) => quoteText(name)).join(', ');
    const row = `regexp_extract($1, ${quoteText(parser.pattern)}, [${names}])`;
    const failed = failingText(type, `'Failed to parse input string "' || $1 || '"'`);
    const value = `CASE WHEN r."all" = '' THEN ${failed} ELSE ${resultSql(parser, kind, zone)} END`;
    const sql = `CASE WHEN $1 IS NULL THEN NULL ELSE list_transform([${row}], lambda r: ${value})[1] END`;
    return fill({ kind }, sql, [text]);
  };
}

export const parseFunctions: Specials = {
  PARSE_DATE: parsed('DATE'),
  PARSE_TIME: parsed('TIME'),
  PARSE_DATETIME: parsed('DATETIME'),
  PARSE_TIMESTAMP: parsed('TIMESTAMP'),
};

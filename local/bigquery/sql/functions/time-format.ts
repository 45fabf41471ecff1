/**
 * FORMAT_DATE, FORMAT_DATETIME, FORMAT_TIME, FORMAT_TIMESTAMP: the format is read while translating and becomes runs
 * of strftime where DuckDB prints the element alike, and text of its own where not. An element that the type does
 * not have is printed as it stands. Source: GoogleSQL "Format elements for date and time parts".
 */

import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import type { Zone } from '../analyze/literal.ts';
import { quoteText } from '../analyze/literal.ts';
import * as types from '../type.ts';
import { dateKind } from './date-part.ts';
import type { CallSite, Specials } from './signature.ts';
import { localSql, zoneArgument } from './zone.ts';

export type TimeKind = 'DATE' | 'TIME' | 'DATETIME' | 'TIMESTAMP';

const clockElements = new Set([...'HIkMlPpRrSTX']);

/** Elements that stand for several others. */
export const composites: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  h: '%b',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  T: '%H:%M:%S',
  X: '%H:%M:%S',
  x: '%m/%d/%y',
};

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** `name` is the element without `%`: `Y`, `E3S`, `Ez`. */
  | { readonly kind: 'element'; readonly name: string };

const piecePattern = /%(E4Y|E[*\d]S|E[z]|[EO]?[\s\S])|%$|[^%]+/g;

/** The format in pieces, composites taken apart. */
export function formatPieces(format: string): readonly Piece[] {
  return [...format.matchAll(piecePattern)].flatMap(([whole, name]): readonly Piece[] => {
    if (name === undefined) return [{ kind: 'text', text: whole }];
    if (name === '%') return [{ kind: 'text', text: '%' }];
    if (name === 'n') return [{ kind: 'text', text: '\n' }];
    if (name === 't') return [{ kind: 'text', text: '\t' }];
    return [{ kind: 'element', name }];
  });
}

/** Does the type have the element? */
export function hasElement(kind: TimeKind, name: string): boolean {
  const letter = name.at(-1) ?? '';
  if (name === 'c') return kind === 'DATETIME' || kind === 'TIMESTAMP';
  if (letter === 'z' || letter === 'Z') return kind === 'TIMESTAMP';
  if (letter === 's') return kind === 'DATETIME' || kind === 'TIMESTAMP';
  if (clockElements.has(letter)) return kind !== 'DATE';
  return kind !== 'TIME';
}

/** Elements that DuckDB's strftime prints as GoogleSQL does. */
const alike = new Set([...'AaBbdHIjMmpSUuVWwy']);

const padded = (sql: string, width: number, fill: string): string =>
  `lpad(CAST(${sql} AS VARCHAR), ${width}, '${fill}')`;

/** Of the local time `$1` and, for TIMESTAMP, the instant `$2`. */
function elementSql(name: string, zone: Zone): string | null {
  switch (name) {
    case 'C':
      return padded('year($1) // 100', 2, '0');
    case 'e':
      return padded('day($1)', 2, ' ');
    case 'G':
      return 'CAST(isoyear($1) AS VARCHAR)';
    case 'g':
      return padded('isoyear($1) % 100', 2, '0');
    case 'k':
      return padded('hour($1)', 2, ' ');
    case 'l':
      return padded('(hour($1) + 11) % 12 + 1', 2, ' ');
    case 'P':
      return `lower(strftime($1, '%p'))`;
    case 'Q':
      return 'CAST(quarter($1) AS VARCHAR)';
    case 'Y':
      return 'CAST(year($1) AS VARCHAR)';
    case 'E4Y':
      return padded('year($1)', 4, '0');
    case 's':
      return `CAST((epoch_us($2) - ((epoch_us($2) % 1000000 + 1000000) % 1000000)) // 1000000 AS VARCHAR)`;
    case 'z':
      return offsetSql(zone, '');
    case 'Ez':
      return offsetSql(zone, ':');
    case 'Z':
      return zone.kind === 'offset' ? quoteText(zoneName(zone.minutes)) : zoneNameSql;
    default:
      return /^E[*\d]S$/.test(name) ? secondsSql(name[1]!) : null;
  }
}

const micros = '((epoch_us($1) % 1000000 + 1000000) % 1000000)';

function secondsSql(digits: string): string {
  const second = `strftime($1, '%S')`;
  if (digits === '0') return second;
  const fraction = padded(micros, 6, '0');
  if (digits === '*') {
    return `${second} || CASE WHEN ${micros} = 0 THEN '' ELSE '.' || rtrim(${fraction}, '0') END`;
  }
  return `${second} || '.' || rpad(${fraction}, ${digits}, '0')`;
}

const offsetMinutes = '((epoch_us($1) - epoch_us($2)) // 60000000)';

function offsetSql(zone: Zone, colon: string): string {
  const minutes = zone.kind === 'offset' ? `(${zone.minutes})` : offsetMinutes;
  return `CASE WHEN ${minutes} < 0 THEN '-' ELSE '+' END || ${padded(`abs(${minutes}) // 60`, 2, '0')} || '${colon}' || ${padded(`abs(${minutes}) % 60`, 2, '0')}`;
}

function zoneName(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const hours = Math.floor(size / 60);
  const rest = size % 60;
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `UTC${minutes < 0 ? '-' : '+'}${rest === 0 ? hours : `${pad(hours)}${pad(rest)}`}`;
}

const zoneNameSql = `'UTC' || CASE WHEN ${offsetMinutes} = 0 THEN '' WHEN ${offsetMinutes} % 60 = 0 THEN printf('%+d', ${offsetMinutes} // 60) ELSE ${offsetSql({ kind: 'name', name: '' }, '')} END`;

/** DuckDB text for the whole format; null: an element that is not supported, named by `refuse`. */
function formatSql(format: string, kind: TimeKind, zone: Zone, refuse: (name: string) => Error): string {
  const parts: string[] = [];
  let run = '';
  const endRun = (): void => {
    if (run === '') return;
    parts.push(
      run.replaceAll('%%', '').includes('%')
        ? `strftime($1, ${quoteText(run)})`
        : quoteText(run.replaceAll('%%', '%')),
    );
    run = '';
  };
  const add = (piece: Piece): void => {
    if (piece.kind === 'text') {
      run += piece.text.replaceAll('%', '%%');
      return;
    }
    const { name } = piece;
    if (!hasElement(kind, name)) {
      run += `%%${name}`;
    } else if (composites[name] !== undefined) {
      for (const inner of formatPieces(composites[name])) add(inner);
    } else if (alike.has(name)) {
      run += `%${name}`;
    } else {
      const sql = elementSql(name, zone);
      if (sql === null) throw refuse(name);
      endRun();
      parts.push(sql);
    }
  };
  for (const piece of formatPieces(format)) add(piece);
  endRun();
  if (parts.length === 0) return `''`;
  return `(${parts.join(' || ')})`;
}

function formatted(own: TimeKind) {
  return (call: CallSite): Expr => {
    call.argCount(2, 3);
    const kind = own === 'TIME' ? own : dateKind(own, call.arg(1).type.kind);
    if (call.count === 3 && kind !== 'TIMESTAMP') throw call.mismatch();
    const format = call.constant(0, 'format');
    const value = call.typed(1, kind);
    const zone = zoneArgument(call, 2);
    const sql = formatSql(format, kind, zone, (name) =>
      call.unsupported(`format element %${name} in ${call.name}`),
    );
    const constant = !sql.includes('$1') && !sql.includes('$2');
    const whole = constant ? `CASE WHEN $1 IS NOT NULL THEN ${sql} END` : sql;
    if (kind === 'TIME')
      return fill(types.STRING, whole, [fill(types.DATETIME, `(DATE '1970-01-01' + $1)`, [value])]);
    if (kind !== 'TIMESTAMP')
      return fill(
        types.STRING,
        whole.replaceAll('$2', () => '$1'),
        [value],
      );
    const local = fill(types.DATETIME, localSql(zone), [value], { simple: false });
    return fill(types.STRING, whole, [local, value]);
  };
}

export const formatFunctions: Specials = {
  FORMAT_DATE: formatted('DATE'),
  FORMAT_TIME: formatted('TIME'),
  FORMAT_DATETIME: formatted('DATETIME'),
  FORMAT_TIMESTAMP: formatted('TIMESTAMP'),
};

/**
 * FORMAT(format, …): the format is read while translating; each specifier becomes DuckDB's printf of one argument,
 * which prints numbers alike. Source: GoogleSQL "Format specifiers".
 */

import { clockText, floatToText, numericToText } from '../analyze/cast-sql.ts';
import type { Expr, Rope } from '../analyze/expr.ts';
import { fill, joinRopes, makeExpr } from '../analyze/expr.ts';
import { argumentType, failing } from '../analyze/failure.ts';
import { quoteText, stringLiteral } from '../analyze/literal.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import type { CallSite, Specials } from './signature.ts';

const specifier = /%([-+ #0']*)(\*|\d*)(?:\.(\*|\d*))?([\s\S]?)/g;

interface Spec {
  readonly flags: string;
  readonly width: string;
  /** Null: none was written. */
  readonly precision: string | null;
  readonly letter: string;
}

function format(call: CallSite): Expr {
  call.argCount(1, Number.POSITIVE_INFINITY);
  const pattern = call.constant(0, 'format');
  const pieces: Rope[] = [];
  let last = 0;
  let index = 1;
  for (const found of pattern.matchAll(specifier)) {
    if (found.index > last) pieces.push([stringLiteral(pattern.slice(last, found.index))]);
    last = found.index + found[0].length;
    const [whole, flags = '', width = '', precision = null, letter = ''] = found;
    if (letter === '%') {
      pieces.push([stringLiteral('%')]);
      continue;
    }
    if (!/[diouxXfFeEgGstTpPaA]/.test(letter) || letter === '')
      throw call.fail(`Invalid format specifier character "${letter}" in FORMAT string: "${pattern}"`);
    if (width === '*' || precision === '*') throw call.unsupported('FORMAT with * as width or precision');
    if (index >= call.count) {
      const expected = (pattern.replaceAll('%%', '').match(/%/g)?.length ?? 0) + 1;
      throw call.fail(
        `Too few arguments to FORMAT for pattern "${pattern}"; Expected ${expected}; Got ${call.count}`,
      );
    }
    pieces.push([one({ flags, width, precision, letter }, call, index, whole)]);
    index += 1;
  }
  if (last < pattern.length) pieces.push([stringLiteral(pattern.slice(last))]);
  if (index < call.count)
    throw call.fail(
      `Too many arguments to FORMAT for pattern "${pattern}"; Expected ${index}; Got ${call.count}`,
    );
  if (pieces.length === 0) return stringLiteral('');
  return makeExpr(types.STRING, ['(', ...joinRopes(pieces, ' || '), ')']);
}

function wrongType(call: CallSite, index: number, expected: string): Error {
  return call.fail(
    `Invalid type for argument ${index + 1} to FORMAT; Expected ${expected}; Got ${argumentType(call.arg(index))}`,
  );
}

function one(spec: Spec, call: CallSite, index: number, whole: string): Expr {
  const value = call.arg(index);
  const { letter } = spec;
  const kind = value.type.kind;
  const isNull = value.literal?.kind === 'null';
  if (/[diuoxX]/.test(letter)) {
    if (kind !== 'INT64') throw wrongType(call, index, 'integer');
    return integer(spec, call.typed(index, 'INT64'), call);
  }
  if (/[fFeEgG]/.test(letter)) {
    if (kind === 'NUMERIC') return numeric(spec, value, call, whole);
    if (kind !== 'FLOAT64' && !isNull) throw wrongType(call, index, 'FLOAT64');
    return float(spec, call.typed(index, 'FLOAT64'), call);
  }
  if (letter === 's') {
    if (kind !== 'STRING' && !isNull) throw wrongType(call, index, 'STRING');
    return text(spec, call.typed(index, 'STRING'));
  }
  if (letter === 'p' && kind === 'JSON')
    return text(spec, fill(types.STRING, 'CAST($1 AS VARCHAR)', [value]));
  if (letter === 't' || letter === 'T') return text(spec, printed(value, letter, call));
  throw call.unsupported(`FORMAT('${whole}')`);
}

function integer(spec: Spec, value: Expr, call: CallSite): Expr {
  const { flags, width, precision, letter } = spec;
  if (precision !== null) throw call.unsupported('FORMAT of an integer with a precision');
  if (flags.includes("'")) {
    if (!/[di]/.test(letter) || /[#+0 ]/.test(flags))
      throw call.unsupported(`FORMAT('%${flags}${width}${letter}')`);
    return sized(fill(types.STRING, `format('{:,}', $1)`, [value]), flags, width);
  }
  const plain = `printf(${quoteText(`%${flags}${width}${letter === 'i' || letter === 'u' ? 'd' : letter}`)}, $1)`;
  if (letter === 'u') throw call.unsupported("FORMAT('%u')");
  if (/[xXo]/.test(letter)) {
    const magnitude = `printf(${quoteText(`%${flags.replace(/[-+ 0]/g, '')}${letter}`)}, abs($1))`;
    if (/[-+ 0]/.test(flags) && width !== '') throw call.unsupported(`FORMAT('%${flags}${width}${letter}')`);
    return sized(
      fill(types.STRING, `CASE WHEN $1 < 0 THEN '-' ELSE '' END || ${magnitude}`, [value]),
      '',
      width,
    );
  }
  return fill(types.STRING, plain, [value]);
}

/** `%f` of NUMERIC: by its digits, not by way of a double. */
function numeric(spec: Spec, value: Expr, call: CallSite, whole: string): Expr {
  const { flags, width, precision, letter } = spec;
  const digits = precision === null ? 6 : Number(precision || '0');
  if (!/[fF]/.test(letter) || /[+ #0']/.test(flags) || digits > 60)
    throw call.unsupported(`FORMAT('${whole}') of NUMERIC`);
  const kept = Math.min(digits, 9);
  const text = `CAST(CAST(round($1, ${kept}) AS DECIMAL(38,${kept})) AS VARCHAR)${digits > 9 ? ` || '${'0'.repeat(digits - 9)}'` : ''}`;
  return sized(fill(types.STRING, text, [value]), flags, width);
}

function float(spec: Spec, value: Expr, call: CallSite): Expr {
  const { flags, width, precision, letter } = spec;
  const dot = precision === null ? '' : `.${precision === '' ? '0' : precision}`;
  if (flags.includes("'")) {
    if (!/[fF]/.test(letter) || /[#+0 ]/.test(flags))
      throw call.unsupported(`FORMAT('%${flags}${width}${letter}')`);
    const digits = `printf(${quoteText(`%${dot}f`)}, abs($1))`;
    const grouped = `format('{:,}', CAST(split_part(${digits}, '.', 1) AS HUGEINT))`;
    const fraction = `CASE WHEN contains(${digits}, '.') THEN '.' || split_part(${digits}, '.', 2) ELSE '' END`;
    const sign = `CASE WHEN signbit($1) THEN '-' ELSE '' END`;
    const special = `CASE WHEN isfinite($1) THEN ${sign} || ${grouped} || ${fraction} ELSE printf('%f', $1) END`;
    return sized(fill(types.STRING, special, [value]), flags, width);
  }
  return fill(types.STRING, `printf(${quoteText(`%${flags}${width}${dot}${letter}`)}, $1)`, [value]);
}

function text(spec: Spec, value: Expr): Expr {
  const { flags, width, precision } = spec;
  const cut =
    precision === null
      ? value
      : fill(types.STRING, `substr($1, 1, ${precision === '' ? 0 : precision})`, [value]);
  return sized(cut, flags, width);
}

/** At least `width` characters, spaces before, or after with the flag `-`. */
function sized(value: Expr, flags: string, width: string): Expr {
  if (width === '') return value;
  const pad = flags.includes('-') ? 'rpad' : 'lpad';
  return fill(types.STRING, `CASE WHEN length($1) < ${width} THEN ${pad}($1, ${width}, ' ') ELSE $1 END`, [
    value,
  ]);
}

/** `%t` and `%T`: NULL is the word. */
function printed(value: Expr, letter: 't' | 'T', call: CallSite): Expr {
  const sql = printedSql(value.type, '$1', letter, call, 0);
  return fill(types.STRING, `coalesce(${sql}, 'NULL')`, [value]);
}

const floatSql = `CASE WHEN regexp_full_match(${floatToText}, '-?[0-9]+') THEN ${floatToText} || '.0' ELSE ${floatToText} END`;

function printedSql(type: Type, of: string, letter: 't' | 'T', call: CallSite, depth: number): string {
  const put = (sql: string): string => sql.replaceAll('$1', () => of);
  const typed = (name: string, sql: string): string =>
    letter === 't' ? sql : `'${name} "' || ${sql} || '"'`;
  switch (type.kind) {
    case 'INT64':
    case 'BOOL':
      return `CAST(${of} AS VARCHAR)`;
    case 'JSON':
      if (letter === 'T') throw call.unsupported(`FORMAT('%T') of JSON`);
      return `CAST(${of} AS VARCHAR)`;
    case 'FLOAT64':
      return letter === 't'
        ? put(floatSql)
        : put(
            `CASE WHEN isfinite($1) THEN ${floatSql} ELSE 'CAST("' || ${floatToText} || '" AS FLOAT64)' END`,
          );
    case 'NUMERIC':
      return letter === 't' ? put(numericToText) : `'NUMERIC "' || ${put(numericToText)} || '"'`;
    case 'STRING':
      return letter === 't' ? of : stringLiteralSql(of);
    case 'DATE':
      return typed('DATE', `strftime(${of}, '%Y-%m-%d')`);
    case 'TIMESTAMP':
      return typed('TIMESTAMP', clockText(`make_timestamp(epoch_us(${of}))`, '%Y-%m-%d %H:%M:%S', '+00'));
    case 'DATETIME':
      return typed('DATETIME', clockText(of, '%Y-%m-%d %H:%M:%S'));
    case 'TIME':
      return typed('TIME', clockText(`(DATE '2000-01-01' + ${of})`, '%H:%M:%S'));
    case 'ARRAY': {
      const name = `x${depth}`;
      const item = `coalesce(${printedSql(type.element, name, letter, call, depth + 1)}, 'NULL')`;
      return `'[' || coalesce(array_to_string(list_transform(${of}, lambda ${name}: ${item}), ', '), '') || ']'`;
    }
    case 'STRUCT': {
      const names = types.fieldNames(type.fields);
      const fields = type.fields.map((field, i) => {
        const value = `struct_extract(${of}, ${quoteText(names[i] ?? '')})`;
        return `coalesce(${printedSql(field.type, value, letter, call, depth)}, 'NULL')`;
      });
      const open = type.fields.length === 1 && letter === 'T' ? 'STRUCT(' : '(';
      return `CASE WHEN ${of} IS NULL THEN NULL ELSE '${open}' || ${fields.join(` || ', ' || `)} || ')' END`;
    }
    default:
      throw call.unsupported(`FORMAT('%${letter}') of ${type.kind}`);
  }
}

/** A string as GoogleSQL would write the literal. */
const stringLiteralSql = (of: string): string =>
  `CASE WHEN regexp_matches(${of}, '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]') THEN ${failing('VARCHAR', "not supported locally: FORMAT('%T') of control characters")} WHEN contains(${of}, '"') AND NOT contains(${of}, '''') THEN '''' || replace(replace(replace(replace(${of}, '\\', '\\\\'), chr(10), '\\n'), chr(13), '\\r'), chr(9), '\\t') || '''' ELSE '"' || replace(replace(replace(replace(replace(${of}, '\\', '\\\\'), '"', '\\"'), chr(10), '\\n'), chr(13), '\\r'), chr(9), '\\t') || '"' END`;

export const formatSpecials: Specials = { FORMAT: format };

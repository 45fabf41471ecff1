/**
 * JSON: reading members of JSON values and of text that holds JSON. Text that is no JSON gives NULL, not an error.
 * Numbers inside text keep the way they are written; where DuckDB would print such a number another way (1.50),
 * the row is refused. Source: GoogleSQL "JSON functions".
 */

import { floatToText } from '../analyze/cast-sql.ts';
import type { Expr, Rope } from '../analyze/expr.ts';
import { fill, isNull, joinRopes, makeExpr } from '../analyze/expr.ts';
import { failing, failingText } from '../analyze/failure.ts';
import { canonicalJson } from '../analyze/json-text.ts';
import { quoteText } from '../analyze/literal.ts';
import * as types from '../type.ts';
import { duckdbJsonPath } from './json-path.ts';
import { jsonText } from './json-text.ts';
import type { CallSite, Specials } from './signature.ts';

interface Place {
  readonly value: Expr;
  /** DuckDB's path, quoted. */
  readonly path: string;
  readonly isText: boolean;
}

function placeOf(call: CallSite, legacy: boolean): Place {
  call.argCount(1, 2);
  const given = call.arg(0);
  const isText = given.type.kind !== 'JSON';
  const value = isText
    ? fill(types.STRING, 'CASE WHEN json_valid($1) THEN $1 END', [call.typed(0, 'STRING')])
    : given;
  const path = call.count === 2 ? call.constant(1, 'JSONPath') : '$';
  const known = duckdbJsonPath(path, legacy);
  if (known === null) {
    if (!path.startsWith('$')) throw call.fail(`JSONPath must start with '$'`);
    throw call.unsupported(`JSONPath ${path}`);
  }
  return { value, path: quoteText(known), isText };
}

/** Text of a scalar: of numbers in text only if they are written as DuckDB prints them. */
function scalarText(json: string, isText: boolean): string {
  const text = `json_extract_string(${json}, '$')`;
  if (!isText) return text;
  const known = `regexp_matches($1, '(^|[^0-9.eE+-])' || regexp_escape(${text}) || '([^0-9.eE+-]|$)')`;
  const refused = failing(
    'VARCHAR',
    'not supported locally: the text of a JSON number that is not in its shortest form',
  );
  return `CASE WHEN json_type(${json}) IN ('DOUBLE', 'HUGEINT') AND NOT ${known} THEN ${refused} ELSE ${text} END`;
}

function scalar(legacy: boolean) {
  return (call: CallSite): Expr => {
    const { value, path, isText } = placeOf(call, legacy);
    return fill(types.STRING, scalarText(`json_value($1, ${path})`, isText), [value]);
  };
}

/** A member as JSON: of text its text, NULL for null; of JSON a JSON value. */
function member(legacy: boolean) {
  return (call: CallSite): Expr => {
    const { value, path, isText } = placeOf(call, legacy);
    if (!isText) return fill(types.JSON_TYPE, `json_extract($1, ${path})`, [value]);
    const found = `json_extract($1, ${path})`;
    return fill(types.STRING, `CASE WHEN json_type(${found}) <> 'NULL' THEN ${printed(found)} END`, [value]);
  };
}

/** DuckDB's text of a member, refused where it holds a number with a fraction in another form. */
function printed(json: string): string {
  const text = `CAST(${json} AS VARCHAR)`;
  const spaceless = (sql: string): string => `regexp_replace(${sql}, '[ \\t\\r\\n]', '', 'g')`;
  const refused = failing(
    'VARCHAR',
    'not supported locally: the text of a JSON number that is not in its shortest form',
  );
  const hasFloat = `regexp_matches(${text}, '[0-9][.eE][0-9+-]')`;
  const same = `regexp_matches(${spaceless('$1')}, '(^|[^0-9.eE+-])' || regexp_escape(${spaceless(text)}) || '([^0-9.eE+-]|$)')`;
  return `CASE WHEN ${hasFloat} AND NOT ${same} THEN ${refused} ELSE ${text} END`;
}

/** The elements of an array; NULL where there is none. */
function elements(legacy: boolean) {
  return (call: CallSite): Expr => {
    const { value, path, isText } = placeOf(call, legacy);
    const found = `json_extract($1, ${path})`;
    const list = `CASE WHEN json_type(${found}) = 'ARRAY' THEN CAST(${found} AS JSON[]) END`;
    if (!isText) return fill(types.arrayOf(types.JSON_TYPE), list, [value]);
    const texts = `list_transform(${list}, lambda x: ${printed('x')})`;
    return fill(types.arrayOf(types.STRING), texts, [value]);
  };
}

/** The elements as text; NULL where one of them is an object or array. JSON's null is NULL. */
function scalarElements(legacy: boolean) {
  return (call: CallSite): Expr => {
    const { value, path, isText } = placeOf(call, legacy);
    const found = `json_extract($1, ${path})`;
    const list = `CAST(${found} AS JSON[])`;
    const nested = `len(list_filter(${list}, lambda x: json_type(x) IN ('ARRAY', 'OBJECT'))) > 0`;
    const texts = `list_transform(${list}, lambda x: ${scalarText('x', isText)})`;
    const sql = `CASE WHEN json_type(${found}) = 'ARRAY' AND NOT ${nested} THEN ${texts} END`;
    return fill(types.arrayOf(types.STRING), sql, [value]);
  };
}

function parseJson(call: CallSite): Expr {
  call.argCount(1, 1);
  const wide = call.named('WIDE_NUMBER_MODE') ?? 'exact';
  if (wide !== 'exact' && wide !== 'round') throw call.fail(`Invalid wide_number_mode: ${wide}`);
  const text = call.typed(0, 'STRING');
  const written = text.literal?.kind === 'string' ? canonicalJson(text.literal.value) : null;
  if (written !== null)
    return makeExpr(types.JSON_TYPE, [`CAST(${quoteText(written)} AS JSON)`], { simple: true });
  const bad = failing('JSON', 'Invalid input to PARSE_JSON: syntax error while parsing JSON');
  const strict = `json_valid($1) AND NOT regexp_matches(regexp_replace($1, '"(?:[^"\\\\]|\\\\.)*"', '""', 'g'), '(?i),\\s*[]}]|nan|inf')`;
  return fill(
    types.JSON_TYPE,
    `CASE WHEN $1 IS NULL THEN NULL WHEN ${strict} THEN json($1) ELSE ${bad} END`,
    [text],
  );
}

function toJsonString(call: CallSite): Expr {
  call.argCount(1, 2);
  const pretty = call.count === 2 ? call.arg(1).literal : null;
  if (call.count === 2 && (pretty?.kind !== 'bool' || pretty.value))
    throw call.unsupported('TO_JSON_STRING with pretty print');
  const value = call.arg(0);
  return fill(types.STRING, jsonText(value.type, '$1', 'string'), [value]);
}

function toJson(call: CallSite): Expr {
  call.argCount(1, 1);
  const value = call.arg(0);
  const mode = call.named('STRINGIFY_WIDE_NUMBERS') === 'TRUE' ? 'string' : 'json';
  return fill(types.JSON_TYPE, `CAST(${jsonText(value.type, '$1', mode)} AS JSON)`, [value]);
}

function jsonType(call: CallSite): Expr {
  call.argCount(1, 1);
  const value = call.typed(0, 'JSON');
  const sql = `CASE json_type($1) WHEN 'NULL' THEN 'null' WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' ELSE CASE WHEN $1 IS NULL THEN NULL ELSE 'number' END END`;
  return fill(types.STRING, sql, [value]);
}

const known: Readonly<
  Record<'BOOL' | 'INT64' | 'FLOAT64', { readonly types: string; readonly what: string }>
> = {
  BOOL: { types: `'BOOLEAN'`, what: 'a boolean' },
  INT64: { types: `'BIGINT', 'UBIGINT', 'DOUBLE'`, what: 'an integer' },
  FLOAT64: { types: `'BIGINT', 'UBIGINT', 'DOUBLE'`, what: 'a number' },
};

/** BOOL(json), INT64(json), FLOAT64(json): the value, if it is one. */
function value(kind: 'BOOL' | 'INT64' | 'FLOAT64') {
  return (call: CallSite): Expr => {
    call.argCount(1, 1);
    const type = types.duckdbType({ kind });
    const bad = failing(type, `The provided JSON input is not ${known[kind].what}`);
    const text = `json_extract_string($1, '$')`;
    const noInteger = failingText(
      'BIGINT',
      `'The provided JSON number: ' || ${text} || ' cannot be converted to an integer'`,
    );
    const cast =
      kind === 'INT64'
        ? `CASE WHEN json_type($1) <> 'DOUBLE' THEN CAST(${text} AS BIGINT) WHEN CAST(${text} AS DOUBLE) % 1 = 0 AND abs(CAST(${text} AS DOUBLE)) < 9223372036854775808 THEN CAST(CAST(${text} AS DOUBLE) AS BIGINT) ELSE ${noInteger} END`
        : `CAST(${text} AS ${type})`;
    const sql = `CASE WHEN json_type($1) IN (${known[kind].types}) THEN ${cast} WHEN $1 IS NULL THEN NULL ELSE ${bad} END`;
    return fill({ kind }, sql, [call.typed(0, 'JSON')]);
  };
}

function keys(call: CallSite): Expr {
  call.argCount(1, 2);
  const depth = call.count === 2 ? call.arg(1).literal : null;
  if (depth?.kind !== 'int' || depth.value !== 1n) throw call.unsupported('JSON_KEYS deeper than one level');
  const plain = `list_sort(json_keys($1))`;
  return fill(types.arrayOf(types.STRING), `CASE WHEN $1 IS NULL THEN NULL ELSE ${plain} END`, [
    call.typed(0, 'JSON'),
  ]);
}

/** LAX_…(json): the value, turned into the type if it can be; NULL where not. */
const laxSql: Readonly<Record<'BOOL' | 'INT64' | 'FLOAT64' | 'STRING', string>> = (() => {
  const kind = 'json_type($1)';
  const text = `json_extract_string($1, '$')`;
  const numbers = `${kind} IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE')`;
  const number = `TRY_CAST(${text} AS DOUBLE)`;
  const whole = `coalesce(TRY_CAST(${text} AS HUGEINT), CASE WHEN abs(${number}) < 1e19 THEN CAST(round(${number}) AS HUGEINT) END)`;
  const integerText = `CASE WHEN regexp_full_match(${text}, '[+-]?[0-9]+') THEN TRY_CAST(${text} AS HUGEINT) ELSE ${whole} END`;
  return {
    BOOL: `CASE WHEN ${kind} = 'BOOLEAN' THEN ${text} = 'true' WHEN ${numbers} THEN ${number} <> 0 WHEN ${kind} = 'VARCHAR' THEN CASE lower(${text}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END END`,
    INT64: `TRY_CAST(CASE WHEN ${kind} = 'BOOLEAN' THEN CASE WHEN ${text} = 'true' THEN 1 ELSE 0 END WHEN ${numbers} OR ${kind} = 'VARCHAR' THEN ${integerText} END AS BIGINT)`,
    FLOAT64: `CASE WHEN ${numbers} OR ${kind} = 'VARCHAR' THEN ${number} END`,
    STRING: `CASE WHEN ${kind} = 'DOUBLE' THEN ${floatToText.replaceAll('$1', () => number)} WHEN ${kind} IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE ${text} END`,
  };
})();

function lax(kind: 'BOOL' | 'INT64' | 'FLOAT64' | 'STRING') {
  return (call: CallSite): Expr => {
    call.argCount(1, 1);
    return fill({ kind }, laxSql[kind], [call.typed(0, 'JSON')]);
  };
}

/** JSON_OBJECT(key, value, …): members in the order of their names, as JSON has them; of equal names the first. */
function object(call: CallSite): Expr {
  if (call.count % 2 === 1) throw call.mismatch();
  const members = new Map<string, Expr>();
  for (let i = 0; i < call.count; i += 2) {
    const key = call.constant(i, 'key');
    if (!members.has(key)) members.set(key, call.arg(i + 1));
  }
  const names = [...members.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const list = names.map(
    (name, i): Rope => [
      `${quoteText(`${i > 0 ? ',' : ''}${JSON.stringify(name)}:`)} || `,
      asJson(members.get(name)!),
    ],
  );
  if (list.length === 0) return makeExpr(types.JSON_TYPE, [`'{}'::JSON`], { simple: true });
  return makeExpr(types.JSON_TYPE, [`CAST('{' || `, ...joinRopes(list, ' || '), ` || '}' AS JSON)`]);
}

const asJson = (value: Expr): Expr =>
  isNull(value)
    ? makeExpr(types.STRING, [`'null'`])
    : fill(types.STRING, jsonText(value.type, '$1', 'json'), [value]);

function jsonArray(call: CallSite): Expr {
  const list = Array.from({ length: call.count }, (_, i): Rope => [asJson(call.arg(i))]);
  if (list.length === 0) return makeExpr(types.JSON_TYPE, [`'[]'::JSON`], { simple: true });
  return makeExpr(types.JSON_TYPE, [`CAST('[' || `, ...joinRopes(list, ` || ',' || `), ` || ']' AS JSON)`]);
}

export const jsonFunctions: Specials = {
  LAX_BOOL: lax('BOOL'),
  LAX_INT64: lax('INT64'),
  LAX_FLOAT64: lax('FLOAT64'),
  LAX_STRING: lax('STRING'),
  JSON_OBJECT: object,
  JSON_ARRAY: jsonArray,
  JSON_VALUE: scalar(false),
  JSON_EXTRACT_SCALAR: scalar(true),
  JSON_QUERY: member(false),
  JSON_EXTRACT: member(true),
  JSON_QUERY_ARRAY: elements(false),
  JSON_EXTRACT_ARRAY: elements(true),
  JSON_VALUE_ARRAY: scalarElements(false),
  JSON_EXTRACT_STRING_ARRAY: scalarElements(true),
  PARSE_JSON: parseJson,
  TO_JSON_STRING: toJsonString,
  TO_JSON: toJson,
  JSON_TYPE: jsonType,
  JSON_KEYS: keys,
  BOOL: value('BOOL'),
  INT64: value('INT64'),
  FLOAT64: value('FLOAT64'),
};

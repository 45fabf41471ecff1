/** A value as JSON text, by its type: TO_JSON_STRING, TO_JSON. Source: GoogleSQL "JSON encodings". */

import { clockText, floatToText, numericToText } from '../analyze/cast-sql.ts';
import { quoteText } from '../analyze/literal.ts';
import type { Type } from '../type.ts';
import { fieldNames } from '../type.ts';

const wide = 9_007_199_254_740_992;

const asString = (sql: string): string => `'"' || ${sql} || '"'`;

/** A JSON string: DuckDB leaves U+2028 and U+2029 as they are, GoogleSQL escapes them. */
const stringText = (sql: string): string =>
  `replace(replace(CAST(to_json(${sql}) AS VARCHAR), '\u2028', '\\u2028'), '\u2029', '\\u2029')`;

/** DuckDB text (VARCHAR, never NULL) of the JSON for `of`; `string`: large integers and NUMERIC are quoted. */
export function jsonText(type: Type, of: string, mode: 'string' | 'json', depth = 0): string {
  return `coalesce(${plainText(type, of, mode, depth)}, 'null')`;
}

function plainText(type: Type, of: string, mode: 'string' | 'json', depth: number): string {
  const put = (sql: string): string => sql.replaceAll('$1', () => of);
  switch (type.kind) {
    case 'INT64': {
      const text = `CAST(${of} AS VARCHAR)`;
      return mode === 'json'
        ? text
        : `CASE WHEN ${of} BETWEEN -${wide} AND ${wide} THEN ${text} ELSE ${asString(text)} END`;
    }
    case 'FLOAT64': {
      const special = `CASE WHEN isnan(${of}) THEN '"NaN"' WHEN ${of} > 0 THEN '"Infinity"' ELSE '"-Infinity"' END`;
      return `CASE WHEN isnan(${of}) OR isinf(${of}) THEN ${special} ELSE ${put(floatToText)} END`;
    }
    case 'NUMERIC':
      return mode === 'json' ? put(numericToText) : asString(put(numericToText));
    case 'BOOL':
    case 'JSON':
      return `CAST(${of} AS VARCHAR)`;
    case 'STRING':
      return stringText(of);
    case 'BYTES':
      return asString(`to_base64(${of})`);
    case 'DATE':
      return asString(`strftime(${of}, '%Y-%m-%d')`);
    case 'TIME':
      return asString(clockText(`(DATE '2000-01-01' + ${of})`, '%H:%M:%S'));
    case 'DATETIME':
      return asString(clockText(of, '%Y-%m-%dT%H:%M:%S'));
    case 'TIMESTAMP':
      return asString(clockText(`make_timestamp(epoch_us(${of}))`, '%Y-%m-%dT%H:%M:%S', 'Z'));
    case 'ARRAY': {
      const name = `x${depth}`;
      const item = jsonText(type.element, name, mode, depth + 1);
      return `'[' || coalesce(array_to_string(list_transform(${of}, lambda ${name}: ${item}), ','), '') || ']'`;
    }
    case 'STRUCT': {
      const names = fieldNames(type.fields);
      const members = type.fields.map((field, i) => {
        const value = jsonText(
          field.type,
          `struct_extract(${of}, ${quoteText(names[i] ?? '')})`,
          mode,
          depth,
        );
        return `${quoteText(`${i > 0 ? ',' : ''}${JSON.stringify(field.name ?? '')}:`)} || ${value}`;
      });
      return `CASE WHEN ${of} IS NULL THEN NULL ELSE '{' || ${members.join(' || ')} || '}' END`;
    }
    default:
      return `CAST(${of} AS VARCHAR)`;
  }
}

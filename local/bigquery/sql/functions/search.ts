/**
 * SEARCH(data, query): all terms of the query are among the tokens of the data, as the LOG_ANALYZER makes them:
 * split at its delimiters, ASCII letters alike in both cases. Terms in backquotes or double quotes are phrases.
 * Source: BigQuery "Text analysis", LOG_ANALYZER; "Search functions".
 */

import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import { quoteText } from '../analyze/literal.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import type { CallSite, Specials } from './signature.ts';

const delimiters = String.raw`\[\]<>(){}|!;,'"*&?+/:=@.\-$%\\_\n\r\s\t`;
const encoded = '%(?:2526|2520|21|26|3[BbAaDd]|7[Cc]|2[0BbCc89]|5[DdBb]|0[Aa])';
const between = `(?:${encoded}|[${delimiters}])`;

const reserved = /[[\]<>(){}|!'"*&?+/:=@\-$%\\^~]/;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

const split = (text: string): readonly string[] =>
  text.split(new RegExp(between)).filter((token) => token !== '');

/** Phrases of a query, each a list of tokens. Null: a character that the query language reserves. */
function phrases(query: string): readonly (readonly string[])[] | null {
  const out: (readonly string[])[] = [];
  for (const found of query.matchAll(/`([^`]*)`|"([^"]*)"|((?:\\.|[^\s`"])+)/g)) {
    const quoted = found[1] ?? found[2];
    if (quoted !== undefined) {
      out.push(split(quoted));
      continue;
    }
    const word = found[3] ?? '';
    if (reserved.test(word.replace(/\\./g, ''))) return null;
    if (word.includes('\\')) out.push(split(word.replace(/\\(.)/g, '$1')));
    else out.push(...split(word).map((token) => [token]));
  }
  return out.filter((phrase) => phrase.length > 0);
}

function search(call: CallSite): Expr {
  call.argCount(2, 2);
  const analyzer = call.named('ANALYZER') ?? 'LOG_ANALYZER';
  if (analyzer !== 'LOG_ANALYZER') throw call.unsupported(`SEARCH with the analyzer ${analyzer}`);
  const scope = call.named('JSON_SCOPE') ?? 'JSON_VALUES';
  if (scope !== 'JSON_VALUES') throw call.unsupported(`SEARCH with the scope ${scope}`);
  const query = call.constant(1, 'query');
  const wanted = phrases(query);
  if (wanted === null)
    throw call.unsupported(`SEARCH for '${query}', which has reserved characters outside of quotes`);
  if (wanted.length === 0) throw call.fail('SEARCH query must have at least one term');
  const data = call.arg(0);
  const terms = wanted.map((phrase): Wanted => {
    const longest = [...phrase].sort((a, b) => b.length - a.length)[0]!.toLowerCase();
    return {
      pattern: quoteText(`(?i)(?:^|${between})${phrase.map(escaped).join(`${between}+`)}(?:$|${between})`),
      part: quoteText(longest),
      // In the text of JSON what is no plain character stands as an escape.
      inJson: !/[\p{Cc}\p{Cs}]/u.test(longest),
    };
  });
  const maybe = [...terms].sort(rarer).map((term) => hinted(data.type, '$1', term));
  const matches = terms.map((term) => inside(data.type, '$1', term, call));
  // As one CASE: conditions joined by AND are tried in other orders too, to learn which is quickest.
  const found = `CASE WHEN ${maybe.join(' AND ')} THEN ${matches.join(' AND ')} WHEN $1 IS NULL THEN NULL ELSE FALSE END`;
  return fill(types.BOOL, found, [data]);
}

interface Wanted {
  readonly pattern: string;
  /** In lower case; in every text that the pattern matches. */
  readonly part: string;
  /** Also in the text of the JSON value that holds such a text. */
  readonly inJson: boolean;
}

/** What has digits is rarer than words, and a long word than a short one. */
const rarer = (a: Wanted, b: Wanted): number =>
  Number(/\d/.test(b.part)) - Number(/\d/.test(a.part)) || b.part.length - a.part.length;

/**
 * May the term be in the value? Not where this is not TRUE. Far cheaper than the pattern, and asked of all terms first:
 * a frequent word costs little where the other is rare.
 */
function hinted(type: Type, of: string, term: Wanted): string {
  if (type.kind === 'STRING') return `contains(lower(${of}), ${term.part})`;
  if (type.kind === 'JSON') {
    return term.inJson ? `contains(lower(CAST(${of} AS VARCHAR)), ${term.part})` : `(${of} IS NOT NULL)`;
  }
  if (type.kind !== 'STRUCT') return `(${of} IS NOT NULL)`;
  const names = types.fieldNames(type.fields);
  const fields = type.fields.flatMap((field, i) =>
    searchable(field.type)
      ? [
          `coalesce(${hinted(field.type, `struct_extract(${of}, ${quoteText(names[i] ?? '')})`, term)}, FALSE)`,
        ]
      : [],
  );
  return `(${fields.join(' OR ') || 'FALSE'})`;
}

/** Is the term in a text of the value? */
function inside(type: Type, of: string, term: Wanted, call: CallSite): string {
  switch (type.kind) {
    case 'STRING':
      return `(${hinted(type, of, term)} AND regexp_matches(${of}, ${term.pattern}))`;
    case 'JSON': {
      const leaves = `list_filter(list_concat([json_extract(${of}, '$')], CAST(json_extract(${of}, '$..*') AS JSON[])), lambda x: json_type(x) NOT IN ('OBJECT', 'ARRAY', 'NULL'))`;
      const found = `list_transform(${leaves}, lambda x: regexp_matches(json_extract_string(x, '$'), ${term.pattern}))`;
      return `CASE WHEN ${of} IS NULL THEN NULL WHEN ${hinted(type, of, term)} THEN coalesce(list_bool_or(${found}), FALSE) ELSE FALSE END`;
    }
    case 'ARRAY':
      return `CASE WHEN ${of} IS NULL THEN NULL ELSE coalesce(list_bool_or(list_transform(${of}, lambda y: ${inside(type.element, 'y', term, call)})), FALSE) END`;
    case 'STRUCT': {
      const names = types.fieldNames(type.fields);
      const fields = type.fields.flatMap((field, i) =>
        searchable(field.type)
          ? [inside(field.type, `struct_extract(${of}, ${quoteText(names[i] ?? '')})`, term, call)]
          : [],
      );
      if (fields.length === 0) throw call.mismatch();
      return `(${fields.map((field) => `coalesce(${field}, FALSE)`).join(' OR ')})`;
    }
    default:
      throw call.mismatch();
  }
}

const searchable = (type: Type): boolean =>
  type.kind === 'STRING' ||
  type.kind === 'JSON' ||
  (type.kind === 'ARRAY' && searchable(type.element)) ||
  (type.kind === 'STRUCT' && type.fields.some((field) => searchable(field.type)));

export const searchFunctions: Specials = { SEARCH: search };

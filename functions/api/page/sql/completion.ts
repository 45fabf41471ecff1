/** What may come next in a query: columns of the tables it names, tables, functions, keywords, saved queries. Pure. */
import type { SavedQuery, SqlSchema } from '../../schema/sql.ts';
import { KEYWORDS, tokensOf } from './tokens.ts';

export interface Suggestion {
  readonly text: string;
  /** column, table, function, keyword, query */
  readonly kind: string;
  /** Type or description. */
  readonly note: string;
  /** What is put in, where it is not the text. */
  readonly insert?: string;
}

export interface Completion {
  /** What is replaced: [from, to) of the text. */
  readonly from: number;
  readonly to: number;
  readonly suggestions: readonly Suggestion[];
}

export const FUNCTIONS: readonly string[] =
  'COUNT COUNTIF SUM AVG MIN MAX ANY_VALUE APPROX_QUANTILES APPROX_COUNT_DISTINCT ARRAY_AGG STRING_AGG LOGICAL_OR SAFE_DIVIDE COALESCE IFNULL NULLIF IF ROUND TIMESTAMP_SUB TIMESTAMP_ADD TIMESTAMP_DIFF TIMESTAMP_TRUNC TIMESTAMP_SECONDS UNIX_SECONDS CURRENT_TIMESTAMP FORMAT_TIMESTAMP REGEXP_CONTAINS REGEXP_EXTRACT REGEXP_REPLACE STARTS_WITH CONTAINS_SUBSTR LOWER UPPER SUBSTR SPLIT JSON_VALUE JSON_QUERY LAG LEAD ROW_NUMBER SEARCH'.split(
    ' ',
  );
const MOST = 30;

type Tables = SqlSchema['items'];

/** null: there is nothing to complete here. `asked`: somebody asked for it, so an empty word will do. */
export function completionAt(
  sql: string,
  at: number,
  { tables, saved }: { tables: Tables; saved: readonly SavedQuery[] },
  asked = false,
): Completion | null {
  const before = sql.slice(0, at);
  const last = tokensOf(before).at(-1);
  if (last !== undefined && (last.kind === 'comment' || (last.kind === 'string' && isOpen(last.text))))
    return null;
  const found = /(?:([A-Za-z_]\w*)\.)?([A-Za-z_]\w*)?$/.exec(before);
  const [, owner, word = ''] = found ?? [];
  if (word === '' && owner === undefined && !asked) return null;
  const named = tablesIn(sql, tables);
  const columns = (of: Tables): Suggestion[] =>
    of.flatMap((table) =>
      table.columns.map(({ name, type }) => ({
        text: name,
        kind: 'column',
        note: `${type} of ${table.name}`,
      })),
    );
  const wanted =
    owner === undefined
      ? [
          ...columns(named),
          ...tables.map(({ name, kind, description }) => ({ text: name, kind, note: description })),
          ...FUNCTIONS.map((text) => ({ text, kind: 'function', note: '', insert: `${text}(` })),
          ...KEYWORDS.map((text) => ({ text, kind: 'keyword', note: '' })),
          ...saved.map(({ name, title, sql }) => ({ text: name, kind: 'query', note: title, insert: sql })),
        ]
      : columns(named.filter(({ name }) => name === owner || aliasOf(sql, name).includes(owner)));
  const suggestions = ranked(wanted, word);
  return suggestions.length === 0 ? null : { from: at - word.length, to: at, suggestions };
}

const isOpen = (text: string): boolean => text.length < 2 || text.at(-1) !== text.replace(/^[rRbB]+/, '')[0];

/** Those that begin with the word first, then those that hold it; each once. */
function ranked(all: readonly Suggestion[], word: string): Suggestion[] {
  const low = word.toLowerCase();
  const seen = new Set<string>();
  const fits = all.filter(({ text, kind }) => {
    const key = `${kind} ${text}`;
    if (seen.has(key) || !text.toLowerCase().includes(low) || text.toLowerCase() === low) return false;
    seen.add(key);
    return true;
  });
  const starts = fits.filter(({ text }) => text.toLowerCase().startsWith(low));
  return [...starts, ...fits.filter((one) => !starts.includes(one))].slice(0, MOST);
}

/** Tables that the query names; all where it names none yet. */
function tablesIn(sql: string, tables: Tables): Tables {
  const words = new Set(sql.match(/[A-Za-z_]\w*/g) ?? []);
  const named = tables.filter(({ name }) => words.has(name));
  return named.length > 0 ? named : tables;
}

const aliasOf = (sql: string, table: string): string[] =>
  [...sql.matchAll(new RegExp(`\\b${table}\\b\`?\\s+(?:AS\\s+)?([A-Za-z_]\\w*)`, 'gi'))].map(
    ([, alias]) => alias!,
  );

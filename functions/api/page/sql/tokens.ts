/** GoogleSQL as far as colours need it: a scan without a grammar that loses no character. Pure. */

export type TokenKind =
  | 'keyword'
  | 'function'
  | 'string'
  | 'number'
  | 'comment'
  | 'parameter'
  | 'quoted'
  | 'plain';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

export const KEYWORDS: readonly string[] =
  'SELECT FROM WHERE GROUP BY ORDER HAVING QUALIFY LIMIT OFFSET WITH AS ON USING JOIN LEFT RIGHT FULL INNER CROSS OUTER UNION ALL DISTINCT EXCEPT INTERSECT AND OR NOT IN IS NULL LIKE BETWEEN EXISTS CASE WHEN THEN ELSE END ASC DESC NULLS FIRST LAST OVER PARTITION ROWS RANGE WINDOW UNBOUNDED PRECEDING FOLLOWING CURRENT ROW INTERVAL TRUE FALSE CAST SAFE_CAST EXTRACT UNNEST ARRAY STRUCT TIMESTAMP DATE SECOND MINUTE HOUR DAY WEEK MONTH YEAR'.split(
    ' ',
  );
const IS_KEYWORD = new Set(KEYWORDS);

const PATTERN =
  /(--[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|((?:[rRbB]{0,2})(?:'''[\s\S]*?(?:'''|$)|"""[\s\S]*?(?:"""|$)|'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?))|(`[^`\n]*`?)|(@\w+)|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][\w]*)/g;

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of sql.matchAll(PATTERN)) {
    if (match.index > at) tokens.push({ kind: 'plain', text: sql.slice(at, match.index) });
    const text = match[0];
    at = match.index + text.length;
    tokens.push({ kind: kindOf(match, sql, at), text });
  }
  if (at < sql.length) tokens.push({ kind: 'plain', text: sql.slice(at) });
  return tokens;
}

function kindOf(match: RegExpMatchArray, sql: string, end: number): TokenKind {
  const [, comment, string, quoted, parameter, number, word] = match;
  if (comment !== undefined) return 'comment';
  if (string !== undefined) return 'string';
  if (quoted !== undefined) return 'quoted';
  if (parameter !== undefined) return 'parameter';
  if (number !== undefined) return 'number';
  if (word !== undefined && IS_KEYWORD.has(word.toUpperCase())) return 'keyword';
  return sql[end] === '(' ? 'function' : 'plain';
}

/**
 * GoogleSQL as words, strings and signs, with their places: enough to read our own DDL and to find names in it.
 * Comments and white space are left out. Source: https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical
 */
export interface Token {
  /** `name` is an identifier in backticks. */
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'sign';
  /** As written; of a `name` or `string` what stands between the quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const COMMENT = /\s+|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//y;
const TOKENS: readonly (readonly [kind: Token['kind'], pattern: RegExp])[] = [
  [
    'string',
    /(?:[rRbB]{1,2})?(?:"""([\s\S]*?)"""|'''([\s\S]*?)'''|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)')/y,
  ],
  ['name', /`([^`\n]+)`/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?/y],
  ['sign', /[\s\S]/y],
];

/** The tokens of a text. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const space = matchAt(COMMENT, sql, at);
    if (space) {
      at += space[0].length;
      continue;
    }
    for (const [kind, pattern] of TOKENS) {
      const found = matchAt(pattern, sql, at);
      if (!found) continue;
      const inner = found.slice(1).find((group) => group !== undefined);
      tokens.push({ kind, text: inner ?? found[0], start: at, end: at + found[0].length });
      at += found[0].length;
      break;
    }
  }
  return tokens;
}

/** Is the token this word, in any case? */
export const isWord = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.text.toUpperCase() === word;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

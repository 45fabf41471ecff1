/**
 * GoogleSQL's lexical rules: a script becomes tokens. Refuses what no token can be (an unclosed string, a stray
 * character) with its place. Linear in the length of the script.
 * Source: GoogleSQL "Lexical structure and syntax".
 */

import { Failures } from './position.ts';
import { decodeString } from './string-literal.ts';

export type TokenKind =
  | 'identifier'
  | 'quoted'
  | 'keyword'
  | 'integer'
  | 'float'
  | 'string'
  | 'bytes'
  | 'parameter'
  | 'system'
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Identifier as written (without backquotes), keyword in upper case, decoded string, digits, symbol. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const reserved = new Set(
  `ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE
  CURRENT DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING
  FOR FROM FULL GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT
  LIKE LIMIT LOOKUP MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO
  QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE
  UNBOUNDED UNION UNNEST USING WHEN WHERE WINDOW WITH WITHIN`.split(/\s+/),
);

const isReserved = (word: string): boolean => reserved.has(word.toUpperCase());

const skip = /(?:\s+|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const stringStart = /(?:[rR][bB]?|[bB][rR]?)?(?:"""|'''|"|')/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /0[xX][0-9A-Fa-f]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const dashedPart = /\d[A-Za-z0-9_]*(?=\.[A-Za-z_`]|-)/y;
const parameter = /@@[A-Za-z_][A-Za-z0-9_.]*|@[A-Za-z_][A-Za-z0-9_]*|@@?`[^`\n]+`/y;
const symbol = /\|>|->|=>|<=|>=|<>|!=|\|\||<<|>>|[-+*/%=<>()[\]{},.;:?~&^|@]/y;

class Lexer {
  readonly source: string;
  readonly failures: Failures;
  readonly tokens: Token[] = [];
  at = 0;

  constructor(source: string) {
    this.source = source;
    this.failures = new Failures(source);
  }

  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    return found ? found[0] : null;
  }

  push(kind: TokenKind, text: string, end: number): void {
    this.tokens.push({ kind, text, start: this.at, end });
    this.at = end;
  }

  run(): readonly Token[] {
    for (;;) {
      const space = this.match(skip);
      if (space !== null) this.at += space.length;
      if (this.source.startsWith('/*', this.at)) throw this.failures.syntax('Unclosed comment', this.at);
      if (this.at >= this.source.length) break;
      this.next();
    }
    this.push('end', '', this.source.length);
    return this.tokens;
  }

  next(): void {
    const opening = this.match(stringStart);
    const name = opening === null ? this.match(word) : null;
    const digits = this.afterDot() ? null : this.match(number);
    const marked = this.match(parameter);
    if (opening !== null) this.string(opening);
    else if (this.source[this.at] === '`') this.quoted();
    else if (name !== null) this.word(name);
    else if (digits !== null) this.number(digits);
    else if (marked !== null) this.parameter(marked);
    else this.symbol();
  }

  word(name: string): void {
    const end = this.at + name.length;
    if (isReserved(name) && !this.afterDot()) this.push('keyword', name.toUpperCase(), end);
    else this.push('identifier', name, end);
  }

  parameter(marked: string): void {
    const system = marked.startsWith('@@');
    const text = marked.slice(system ? 2 : 1).replaceAll('`', '');
    this.push(system ? 'system' : 'parameter', text, this.at + marked.length);
  }

  symbol(): void {
    const sign = this.match(symbol);
    if (sign === null) {
      const character = String.fromCodePoint(this.source.codePointAt(this.at) ?? 0);
      throw this.failures.syntax(`Illegal input character "${character}"`, this.at);
    }
    if (sign === '?') this.push('parameter', '?', this.at + 1);
    else this.push('symbol', sign === '<>' ? '!=' : sign, this.at + sign.length);
  }

  /** `t.select` and `t.1a`: after a dot that ends a name, anything is a name. */
  afterDot(): boolean {
    const dot = this.tokens.at(-1);
    const before = this.tokens.at(-2);
    return (
      dot?.text === '.' &&
      dot.kind === 'symbol' &&
      (before?.kind === 'identifier' ||
        before?.kind === 'quoted' ||
        before?.text === ')' ||
        before?.text === ']')
    );
  }

  /** In `my-project-123.logs.t` the dot ends the project's name; it is no decimal point. */
  projectPart(digits: string): string {
    const dash = this.tokens.at(-1);
    const name = this.tokens.at(-2);
    const joined = dash?.text === '-' && dash.end === this.at && name?.end === dash.start;
    if (!joined || (name.kind !== 'identifier' && name.kind !== 'integer')) return digits;
    dashedPart.lastIndex = this.at;
    return dashedPart.exec(this.source)?.[0] ?? digits;
  }

  number(matched: string): void {
    const digits = this.projectPart(matched);
    const end = this.at + digits.length;
    if (digits !== matched && /[A-Za-z_]/.test(digits)) {
      this.push('identifier', digits, end);
      return;
    }
    if (/[A-Za-z_]/.test(this.source[end] ?? '')) {
      throw this.failures.syntax('Missing whitespace between literal and alias', end);
    }
    const integer = /^(?:\d+|0[xX][0-9A-Fa-f]+)$/.test(digits);
    this.push(integer ? 'integer' : 'float', digits, end);
  }

  string(opening: string): void {
    const quote = opening.replace(/^[rRbB]+/, '');
    const prefix = opening.slice(0, opening.length - quote.length).toLowerCase();
    const from = this.at + opening.length;
    let i = from;
    for (; ; i += this.source[i] === '\\' ? 2 : 1) {
      const unclosed = i >= this.source.length || (quote.length === 1 && this.source[i] === '\n');
      if (unclosed) {
        const what = quote.length === 3 ? 'triple-quoted string literal' : 'string literal';
        throw this.failures.syntax(`Unclosed ${what}`, this.at);
      }
      if (this.source.startsWith(quote, i)) break;
    }
    const kind = prefix.includes('b') ? 'bytes' : 'string';
    const raw = prefix.includes('r');
    const body = this.source.slice(from, i);
    this.push(
      kind,
      decodeString(body, { raw, kind, failures: this.failures, offset: from }),
      i + quote.length,
    );
  }

  quoted(): void {
    let i = this.at + 1;
    while (i < this.source.length && this.source[i] !== '`' && this.source[i] !== '\n') {
      i += this.source[i] === '\\' ? 2 : 1;
    }
    if (this.source[i] !== '`') throw this.failures.syntax('Unclosed identifier literal', this.at);
    if (i === this.at + 1) throw this.failures.syntax('Invalid empty identifier', this.at);
    const from = this.at + 1;
    const body = this.source.slice(from, i);
    const text = decodeString(body, { raw: false, kind: 'string', failures: this.failures, offset: from });
    this.push('quoted', text, i + 1);
  }
}

/** Tokens of a script, the last one of kind `end`. Bytes literals come as Latin-1 text, one character a byte. */
export function tokenize(source: string): readonly Token[] {
  return new Lexer(source).run();
}

/** Where the parser stands in the tokens of a script, and how it says what it did not expect, in BigQuery's words. */

import type { SqlError } from '../statement.ts';
import { Failures } from './position.ts';
import type { Token } from './token.ts';
import { tokenize } from './token.ts';

/** Nesting of parentheses, calls and queries that is parsed; beyond it a query is refused, not tried. */
const maxDepth = 160;

const afterQuery = new Set([')', 'UNION', 'INTERSECT', 'EXCEPT', 'ORDER', 'LIMIT', '|>']);

export class Cursor {
  readonly source: string;
  readonly failures: Failures;
  readonly tokens: readonly Token[];
  index = 0;
  depth = 0;
  /** Positional parameters seen so far. */
  positions = 0;
  private matches: ReadonlyMap<number, number> | null = null;

  constructor(source: string) {
    this.source = source;
    this.failures = new Failures(source);
    this.tokens = tokenize(source);
  }

  get token(): Token {
    return this.tokens[this.index]!;
  }

  get at(): number {
    return this.token.start;
  }

  ahead(count: number): Token {
    return this.tokens[Math.min(this.index + count, this.tokens.length - 1)]!;
  }

  get done(): boolean {
    return this.token.kind === 'end';
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.index += 1;
    return token;
  }

  /** Is the token (or the one `count` further) this reserved word or symbol? */
  is(text: string, count = 0): boolean {
    const token = this.ahead(count);
    return (token.kind === 'keyword' || token.kind === 'symbol') && token.text === text;
  }

  /** Is it this word, reserved or not, without backquotes? */
  isWord(word: string, count = 0): boolean {
    const token = this.ahead(count);
    return (token.kind === 'identifier' || token.kind === 'keyword') && token.text.toUpperCase() === word;
  }

  areWords(...words: readonly string[]): boolean {
    return words.every((word, i) => this.isWord(word, i));
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.index += 1;
    return true;
  }

  acceptWords(...words: readonly string[]): boolean {
    if (!this.areWords(...words)) return false;
    this.index += words.length;
    return true;
  }

  expect(text: string): Token {
    if (!this.is(text)) throw this.expected(/^\w/.test(text) ? `keyword ${text}` : `"${text}"`);
    return this.next();
  }

  expectWord(word: string): void {
    if (!this.acceptWords(word)) throw this.expected(`keyword ${word}`);
  }

  isIdentifier(count = 0): boolean {
    const kind = this.ahead(count).kind;
    return kind === 'identifier' || kind === 'quoted';
  }

  identifier(): string {
    if (!this.isIdentifier()) throw this.unexpected();
    return this.next().text;
  }

  /** A comma-separated list with at least one item. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.accept(',')) items.push(item());
    return items;
  }

  /** Does the parenthesis at the token hold a query (not an expression that begins with a subquery)? */
  opensQuery(index = this.index, depth = 0): boolean {
    const inside = this.tokens[index + 1];
    if (this.tokens[index]?.text !== '(' || !inside) return false;
    if (inside.kind === 'keyword')
      return inside.text === 'SELECT' || inside.text === 'WITH' || inside.text === 'FROM';
    if (depth > maxDepth) throw this.tooDeep(inside.start);
    if (inside.kind !== 'symbol' || inside.text !== '(' || !this.opensQuery(index + 1, depth + 1))
      return false;
    const after = this.tokens[(this.closing.get(index + 1) ?? -2) + 1];
    return after !== undefined && afterQuery.has(after.text);
  }

  /** Index of the closing parenthesis of each opening one. */
  private get closing(): ReadonlyMap<number, number> {
    if (this.matches) return this.matches;
    const matches = new Map<number, number>();
    const open: number[] = [];
    this.tokens.forEach((token, i) => {
      if (token.kind !== 'symbol') return;
      if (token.text === '(') open.push(i);
      const from = token.text === ')' ? open.pop() : undefined;
      if (from !== undefined) matches.set(from, i);
    });
    this.matches = matches;
    return matches;
  }

  /** Runs one level deeper; refuses what is nested too deep. */
  nested<T>(parse: () => T): T {
    this.depth += 1;
    if (this.depth > maxDepth) throw this.tooDeep(this.at);
    const result = parse();
    this.depth -= 1;
    return result;
  }

  tooDeep(offset: number): SqlError {
    const message =
      'Resources exceeded during query execution: Not enough resources for query planning - query is too complex';
    return this.failures.invalid(message, offset);
  }

  describe(token: Token): string {
    switch (token.kind) {
      case 'end':
        return 'end of input';
      case 'keyword':
        return `keyword ${token.text}`;
      case 'identifier':
        return `identifier "${token.text}"`;
      case 'quoted':
        return `identifier \`${token.text}\``;
      case 'integer':
        return `integer literal "${token.text}"`;
      case 'float':
        return `floating point literal "${token.text}"`;
      case 'string':
      case 'bytes':
        return `${token.kind} literal ${this.source.slice(token.start, token.end)}`;
      case 'parameter':
        return token.text === '?' ? '"?"' : '"@"';
      case 'system':
        return '"@@"';
      case 'symbol':
        return `"${token.text}"`;
    }
  }

  expected(what: string): SqlError {
    return this.failures.syntax(`Expected ${what} but got ${this.describe(this.token)}`, this.at);
  }

  unexpected(token: Token = this.token): SqlError {
    const what = token.kind === 'end' ? 'end of script' : this.describe(token);
    return this.failures.syntax(`Unexpected ${what}`, token.start);
  }

  unsupported(what: string, offset = this.at): SqlError {
    return this.failures.unsupported(what, offset);
  }
}

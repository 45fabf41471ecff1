/**
 * A subscription's filter on message attributes: text to predicate. What is not of the language is refused, so
 * that a filter is never half applied.
 * `attributes.key != "v"` also takes messages without the key, as Pub/Sub does ("without the domain attribute and
 * the value of com"). AND and OR do not mix without parentheses.
 * Source: https://cloud.google.com/pubsub/docs/subscription-message-filter#filtering_syntax
 */
import { invalid } from './failure.ts';

export type Attributes = Readonly<Record<string, string>>;
export type Filter = (attributes: Attributes) => boolean;

const MAX_BYTES = 256;
const MAX_DEPTH = 32;

interface Token {
  readonly kind: 'word' | 'string' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

/** Reads a filter; an empty one takes everything. Throws INVALID_ARGUMENT. */
export function parseFilter(source: string): Filter {
  if (source === '') return () => true;
  if (Buffer.byteLength(source) > MAX_BYTES) {
    throw invalid(`The filter is longer than ${MAX_BYTES} bytes (filter=${source.slice(0, 40)}…).`);
  }
  const parser = new Parser(source);
  const filter = parser.condition();
  parser.expect('end', '');
  return filter;
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  condition(): Filter {
    if (++this.#depth > MAX_DEPTH) throw this.#refusal(this.#peek());
    const terms = [this.#term()];
    const joint = this.#peek();
    if (joint.kind === 'word' && (joint.text === 'AND' || joint.text === 'OR')) {
      while (this.#take('word', joint.text)) terms.push(this.#term());
    }
    this.#depth--;
    if (terms.length === 1) return terms[0]!;
    return joint.text === 'AND'
      ? (attributes) => terms.every((term) => term(attributes))
      : (attributes) => terms.some((term) => term(attributes));
  }

  expect(kind: Token['kind'], text?: string): string {
    const token = this.#peek();
    if (token.kind !== kind || (text !== undefined && token.text !== text)) throw this.#refusal(token);
    this.#next++;
    return token.text;
  }

  #term(): Filter {
    if (this.#take('word', 'NOT') || this.#take('symbol', '-')) {
      const negated = this.#basic();
      return (attributes) => !negated(attributes);
    }
    return this.#basic();
  }

  #basic(): Filter {
    if (this.#take('symbol', '(')) {
      const inner = this.condition();
      this.expect('symbol', ')');
      return inner;
    }
    if (this.#take('word', 'hasPrefix')) return this.#hasPrefix();
    this.expect('word', 'attributes');
    if (this.#take('symbol', ':')) {
      const key = this.#key();
      return (attributes) => Object.hasOwn(attributes, key);
    }
    this.expect('symbol', '.');
    const key = this.#key();
    const differs = this.#take('symbol', '!=');
    if (!differs) this.expect('symbol', '=');
    const value = this.expect('string');
    return (attributes) => (Object.hasOwn(attributes, key) && attributes[key] === value) !== differs;
  }

  #hasPrefix(): Filter {
    this.expect('symbol', '(');
    this.expect('word', 'attributes');
    this.expect('symbol', '.');
    const key = this.#key();
    this.expect('symbol', ',');
    const prefix = this.expect('string');
    this.expect('symbol', ')');
    return (attributes) => Object.hasOwn(attributes, key) && attributes[key]!.startsWith(prefix);
  }

  #key(): string {
    return this.#peek().kind === 'string' ? this.expect('string') : this.expect('word');
  }

  #take(kind: Token['kind'], text: string): boolean {
    const token = this.#peek();
    const found = token.kind === kind && token.text === text;
    if (found) this.#next++;
    return found;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#source.length };
  }

  #refusal(token: Token): Error {
    return refusal(this.#source, token.at);
  }
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z0-9_][A-Za-z0-9_-]*)|(!=|[=:.,()-]))/suy;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-7]{3})|(.))/gsu;
const PLAIN_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const [, string, word, symbol] = TOKEN.exec(source) ?? [];
    if (string !== undefined) tokens.push({ kind: 'string', text: unquote(source, string, at), at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at });
    else throw refusal(source, at);
  }
  return tokens;
}

function unquote(source: string, quoted: string, at: number): string {
  return quoted.slice(1, -1).replace(ESCAPE, (_, short, long, hex, octal, plain) => {
    const code = short ?? long ?? hex;
    if (code !== undefined) return fromCode(Number.parseInt(code, 16), source, at);
    if (octal !== undefined) return fromCode(Number.parseInt(octal, 8), source, at);
    if (plain in PLAIN_ESCAPES) return PLAIN_ESCAPES[plain]!;
    if (/[\\"'`?]/.test(plain)) return plain;
    throw refusal(source, at);
  });
}

function fromCode(code: number, source: string, at: number): string {
  if (code > 0x10ffff) throw refusal(source, at);
  return String.fromCodePoint(code);
}

const refusal = (source: string, at: number): Error =>
  invalid(`Invalid filter given (filter=${source}): not understood at position ${at + 1}.`);

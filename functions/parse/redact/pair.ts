/**
 * Secrets by the name before them: `password=…`, `"api_key": "…"`, `token: …`, `--password …`, `Cookie: …`,
 * `Authorization: Basic …`, `WITH PASSWORD '…'`, also inside JSON inside a string (`\"secret\":\"…\"`).
 *
 * A name that ends in `password` counts whatever stands before it; `token`, `secret` and the like must be words of
 * their own, and a value without quotes must look like a secret, because programs write "token=Token{…}" and
 * "unexpected token: }".
 */
import { type AddSpan, isDigitCode, isLetterCode, type Rule } from './rule.ts';

const NAME =
  /pass(?:word|wd|phrase|code)|passw|pass|pwd|(?:client|app|shared|consumer)?[_-]?secret(?:[_-]?(?:access[_-]?)?key)?|(?:access|refresh|id|auth|session|csrf|xsrf|api|bot)?[_-]?token|(?:x[_-])?api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|credentials?|(?:proxy-)?authorization|(?:set-)?cookie|cvv2?|cvc|ssn/gi;

/** Longest value between quotes or on a line; longest bare one. */
const MAX_VALUE = 4096;
const MAX_BARE = 256;

export const pair: Rule = {
  name: 'secret',
  find(text, add) {
    NAME.lastIndex = 0;
    for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
      const end = readPair(text, match.index, match.index + match[0].length, add);
      if (end > NAME.lastIndex) NAME.lastIndex = end;
    }
  },
};

/** Reads from the name at [start, end); reports the value's place. The index behind what was read, or 0. */
function readPair(text: string, start: number, end: number, add: AddSpan): number {
  const name = text.slice(start, end).toLowerCase().replace(/^[_-]/, '');
  const long = /^(?:passw|pwd|passp|passc)/.test(name);
  if (!long && !beginsWord(text, start)) return 0;
  const separator = readSeparator(text, start, end, long);
  if (separator === null) return 0;
  const isPassword = long || (name === 'pass' && text.charCodeAt(end) === 0x3d);
  if (/cookie$/.test(name)) return separator.strong ? lineValue(text, separator.end, add) : 0;
  if (/authorization$/.test(name)) return separator.strong ? authorization(text, separator.end, add) : 0;
  const value = readValue(text, separator.end);
  if (value.end <= value.start || isPlaceholder(text, value)) return 0;
  if ((name === 'pwd' && isPath(text, value)) || (name === 'pass' && isCount(text, value))) return 0;
  if (!isPassword && !value.isQuoted && !isSecretLike(text, value)) return 0;
  if (!isPassword && value.isQuoted && value.end - value.start < 4) return 0;
  add(value.start, value.end);
  return value.end;
}

/** `PWD` is a shell's working directory. */
const isPath = (text: string, { start }: Value): boolean =>
  text.charCodeAt(start) === 0x2f || text.charCodeAt(start) === 0x7e || text.charCodeAt(start + 1) === 0x3a;

/** `pass=12 fail=0` of a test run. */
const isCount = (text: string, value: Value): boolean => /^\d{1,6}$/.test(text.slice(value.start, value.end));

/** The name is a word of its own: `api_token`, `apiToken`, not `wtoken`. */
function beginsWord(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  if (text.charCodeAt(start) === 0x5f || text.charCodeAt(start) === 0x2d) return true;
  if (!isLetterCode(before) && !isDigitCode(before)) return true;
  const first = text.charCodeAt(start);
  return first >= 0x41 && first <= 0x5a && before >= 0x61;
}

interface Separator {
  readonly end: number;
  /** `:` or `=`; else a blank, as on a command line. */
  readonly strong: boolean;
}

function readSeparator(text: string, start: number, from: number, isPassword: boolean): Separator | null {
  let at = from;
  if (text.charCodeAt(at) === 0x5c) at++;
  if (text.charCodeAt(at) === 0x22 || text.charCodeAt(at) === 0x27) at++;
  else at = from;
  const blanks = at;
  while (at < blanks + 4 && text.charCodeAt(at) === 0x20) at++;
  const code = text.charCodeAt(at);
  if (code === 0x3a || code === 0x3d) {
    at++;
    if (code === 0x3d && text.charCodeAt(at) === 0x3e) at++;
    const behind = at;
    while (at < behind + 4 && (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09)) at++;
    return { end: at, strong: true };
  }
  if (at === blanks) return null;
  const option = text.startsWith('--', optionStart(text, start));
  const isString = isPassword && (code === 0x27 || code === 0x22);
  return option || isString ? { end: at, strong: false } : null;
}

/** Start of the word of an option that ends in the name: `--db-password`. */
function optionStart(text: string, start: number): number {
  let at = start;
  while (
    at > start - 30 &&
    at > 0 &&
    (isLetterCode(text.charCodeAt(at - 1)) || text.charCodeAt(at - 1) === 0x2d)
  )
    at--;
  return at;
}

interface Value {
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

function readValue(text: string, at: number): Value {
  const escaped = text.charCodeAt(at) === 0x5c && isQuote(text.charCodeAt(at + 1));
  const open = escaped ? at + 1 : at;
  const quote = text.charCodeAt(open);
  const most = Math.min(text.length, open + MAX_VALUE);
  if (isQuote(quote)) {
    let end = open + 1;
    while (end < most && text.charCodeAt(end) !== quote) {
      if (text.charCodeAt(end) === 0x5c && !(escaped && text.charCodeAt(end + 1) === quote)) end++;
      else if (escaped && text.charCodeAt(end) === 0x5c) break;
      end++;
    }
    return { start: open + 1, end: Math.min(end, most), isQuoted: true };
  }
  const last = Math.min(text.length, at + MAX_BARE);
  let end = at;
  while (end < last && !endsBare(text.charCodeAt(end))) end++;
  return { start: at, end, isQuoted: false };
}

const isQuote = (code: number): boolean => code === 0x22 || code === 0x27;

const endsBare = (code: number): boolean =>
  code <= 0x20 ||
  isQuote(code) ||
  code === 0x26 ||
  code === 0x2c ||
  code === 0x3b ||
  code === 0x29 ||
  code === 0x5d ||
  code === 0x7d ||
  code === 0x3e ||
  code === 0x5c ||
  code === 0x60;

/** What stands for a value rather than being one: placeholders, nothing, variables. */
const PLACEHOLDER =
  /^(?:\[(?:redacted|filtered|hidden|masked|removed)\]?|\*+|x{3,}|null|nil|none|undefined|true|false|yes|no|\$\{?\w+\}?|<[\w -]+>?|\(\w+|\{.*|%\w)$/i;

const isPlaceholder = (text: string, value: Value): boolean =>
  value.end - value.start <= 80 && PLACEHOLDER.test(text.slice(value.start, value.end));

/** A bare value that looks like a secret: eight characters or more, a digit among them, of a token's alphabet. */
function isSecretLike(text: string, value: Value): boolean {
  const after = text.charCodeAt(value.end);
  const length = value.end - value.start;
  if (length < 6 || after === 0x7b || after === 0x28) return false;
  const word = text.slice(value.start, value.end);
  return /^[\w.~+/=%:-]+$/.test(word) && (/\d/.test(word) || length >= 20) && !/^\d{1,7}$/.test(word);
}

/** A header whose value is the whole rest of a line or of a quoted text. */
function lineValue(text: string, at: number, add: AddSpan): number {
  const start = isQuote(text.charCodeAt(at)) ? at + 1 : at;
  const most = Math.min(text.length, start + MAX_VALUE);
  let end = start;
  while (
    end < most &&
    text.charCodeAt(end) !== 0x0a &&
    text.charCodeAt(end) !== 0x22 &&
    text.charCodeAt(end) !== 0x5c
  )
    end++;
  if (end > start && !isPlaceholder(text, { start, end, isQuoted: true })) add(start, end);
  return end;
}

const SCHEME =
  /(?:\\?["'])?(?:(Basic|Bearer|Token|ApiKey|Negotiate|NTLM)[ \t]{1,4}|(Digest|AWS4-HMAC-SHA256|Signature)[ \t])?/iy;

/** `Authorization: SCHEME credentials`; the scheme stays. */
function authorization(text: string, at: number, add: AddSpan): number {
  SCHEME.lastIndex = at;
  const scheme = SCHEME.exec(text);
  const start = at + (scheme?.[0].length ?? 0);
  if (scheme?.[2] !== undefined) return lineValue(text, start, add);
  let end = start;
  const most = Math.min(text.length, start + MAX_VALUE);
  while (end < most && !endsBare(text.charCodeAt(end))) end++;
  const value = { start, end, isQuoted: false };
  const known = scheme?.[1] !== undefined;
  if (end - start < 4 || isPlaceholder(text, value) || (!known && !isSecretLike(text, value))) return 0;
  add(start, end);
  return end;
}

/**
 * Functions of STRING. Positions and lengths are code points, as in GoogleSQL; white space and letters are
 * Unicode's. Source: GoogleSQL "String functions".
 */

import { castTo } from '../analyze/cast.ts';
import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import { failing, failingText } from '../analyze/failure.ts';
import { quoteText } from '../analyze/literal.ts';
import * as types from '../type.ts';
import type { CallSite, Signatures, Specials } from './signature.ts';
import { signature } from './signature.ts';

/** What TRIM takes off without being told: White_Space of Unicode. */
const spaces = quoteText(
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
);

/** `value` where `condition` holds, a failure where not. NULL passes. */
const checked = (condition: string, value: string, type: string, message: string): string =>
  `(CASE WHEN ${condition} THEN ${failing(type, message)} ELSE ${value} END)`;

const most = 4_294_967_295;
const length = (count: string): string => `least(${count}, ${most})`;

/** Start 0 is 1; a start before the beginning is the beginning. */
const start = (position: string): string =>
  `CASE WHEN ${position} > 0 THEN least(${position}, ${most}) WHEN ${position} = 0 OR ${position} < -length($1) THEN 1 ELSE length($1) + ${position} + 1 END`;

const substr2 = `substr($1, ${start('$2')})`;
const substr3 = checked(
  '$3 < 0',
  `substr($1, ${start('$2')}, ${length('$3')})`,
  'VARCHAR',
  'Third argument in SUBSTR() cannot be negative',
);

const side = (name: string): string =>
  checked(
    '$2 < 0',
    `"${name}"($1, ${length('$2')})`,
    'VARCHAR',
    `Second argument in ${name.toUpperCase()}() cannot be negative`,
  );

const maxText = 1_048_576;

function pad(name: 'lpad' | 'rpad', pattern: string): string {
  const padded = `${name}($1, CAST($2 AS INTEGER), ${pattern})`;
  const tooLong = `Output of LPAD/RPAD exceeds max allowed output size of 1MB`;
  const bounded = checked(`$2 > ${maxText}`, padded, 'VARCHAR', tooLong);
  const positive = checked(
    '$2 < 0',
    bounded,
    'VARCHAR',
    'Second argument (output size) for LPAD/RPAD cannot be negative',
  );
  return pattern === '$3'
    ? checked(`$3 = ''`, positive, 'VARCHAR', 'Third argument (pad pattern) for LPAD/RPAD cannot be empty')
    : positive;
}

const repeated = checked(
  '$2 < 0',
  checked(
    `$2 * length($1) > ${maxText}`,
    'repeat($1, $2)',
    'VARCHAR',
    'Output of REPEAT exceeds max allowed output size of 1MB',
  ),
  'VARCHAR',
  'Second argument (repeat count) for REPEAT cannot be negative',
);

const characters = `string_split($1, '')`;
const reversed = `array_to_string(list_reverse(${characters}), '')`;

/** Letters after a delimiter in upper case, the rest in lower case. */
function initcap(delimiters: string): string {
  const letter = `substr($1, i, 1)`;
  const after = `i = 1 OR contains(${delimiters}, substr($1, i - 1, 1))`;
  const cased = `CASE WHEN ${after} THEN upper(${letter}) ELSE lower(${letter}) END`;
  return `CASE WHEN $1 IS NULL THEN NULL ELSE coalesce(array_to_string(list_transform(range(1, length($1) + 1), lambda i: ${cased}), ''), '') END`;
}

const capDelimiters = quoteText(` \t\r\n\f\v[](){}/|<>!?@"^#$&~_,.:;*%+-=`.replace('=', ''));

const codes = `list_transform(${characters}, lambda c: CAST(unicode(c) AS BIGINT))`;
const isCode = (code: string): string => `(${code} BETWEEN 0 AND 55295 OR ${code} BETWEEN 57344 AND 1114111)`;
const codeText = (code: string): string =>
  `CASE WHEN ${code} = 0 THEN chr(0) ELSE chr(CAST(${code} AS INTEGER)) END`;

const fromCodes = `CASE WHEN $1 IS NULL OR list_count($1) < len($1) THEN NULL WHEN len(list_filter($1, lambda c: NOT ${isCode('c')})) > 0 THEN ${failing('VARCHAR', 'Invalid codepoint')} ELSE array_to_string(list_transform($1, lambda c: ${codeText('c')}), '') END`;

/** As many bytes as code points. */
const isAscii = 'strlen($1) = length($1)';

/** Letters that become several in upper case; DuckDB leaves them alone. The common ones are replaced. */
const ligatures: readonly (readonly [string, string])[] = [
  ['ß', 'SS'],
  ['ﬀ', 'FF'],
  ['ﬁ', 'FI'],
  ['ﬂ', 'FL'],
  ['ﬃ', 'FFI'],
  ['ﬄ', 'FFL'],
  ['ﬅ', 'ST'],
  ['ﬆ', 'ST'],
];
const otherLigatures = `[ŉǰΐΰևẖ-ẚὐὒὔὖᾀ-ᾯᾲ-ᾴᾶᾷᾼῂ-ῄῆῇῌῒΐῖῗῢ-ῤῦῧῲ-ῴῶῷῼﬓ-ﬗ]`;
const replaced = ligatures.reduce((sql, [from, to]) => `replace(${sql}, '${from}', '${to}')`, '$1');
const upper = `CASE WHEN ${isAscii} THEN upper($1) WHEN regexp_matches($1, '${otherLigatures}') THEN ${failing('VARCHAR', 'not supported locally: UPPER of letters that become several')} ELSE upper(${replaced}) END`;

export const textFunctions: Signatures = {
  LENGTH: [signature('STRING', 'INT64', 'length($1)'), signature('BYTES', 'INT64', 'octet_length($1)')],
  CHAR_LENGTH: [signature('STRING', 'INT64', 'length($1)')],
  CHARACTER_LENGTH: [signature('STRING', 'INT64', 'length($1)')],
  BYTE_LENGTH: [signature('STRING', 'INT64', 'strlen($1)'), signature('BYTES', 'INT64', 'octet_length($1)')],
  OCTET_LENGTH: [signature('STRING', 'INT64', 'strlen($1)'), signature('BYTES', 'INT64', 'octet_length($1)')],
  UPPER: [signature('STRING', 'STRING', upper)],
  LOWER: [
    signature(
      'STRING',
      'STRING',
      `CASE WHEN ${isAscii} THEN lower($1) ELSE lower(replace($1, 'İ', 'i\u0307')) END`,
    ),
  ],
  TRIM: [
    signature('STRING', 'STRING', `trim($1, ${spaces})`),
    signature('STRING, STRING', 'STRING', 'trim($1, $2)'),
  ],
  LTRIM: [
    signature('STRING', 'STRING', `ltrim($1, ${spaces})`),
    signature('STRING, STRING', 'STRING', 'ltrim($1, $2)'),
  ],
  RTRIM: [
    signature('STRING', 'STRING', `rtrim($1, ${spaces})`),
    signature('STRING, STRING', 'STRING', 'rtrim($1, $2)'),
  ],
  SUBSTR: [
    signature('STRING, INT64', 'STRING', substr2),
    signature('STRING, INT64, INT64', 'STRING', substr3),
  ],
  SUBSTRING: [
    signature('STRING, INT64', 'STRING', substr2),
    signature('STRING, INT64, INT64', 'STRING', substr3),
  ],
  LEFT: [signature('STRING, INT64', 'STRING', side('left'))],
  RIGHT: [signature('STRING, INT64', 'STRING', side('right'))],
  REPLACE: [signature('STRING, STRING, STRING', 'STRING', 'replace($1, $2, $3)')],
  REVERSE: [signature('STRING', 'STRING', reversed)],
  REPEAT: [signature('STRING, INT64', 'STRING', repeated)],
  LPAD: [
    signature('STRING, INT64', 'STRING', pad('lpad', `' '`)),
    signature('STRING, INT64, STRING', 'STRING', pad('lpad', '$3')),
  ],
  RPAD: [
    signature('STRING, INT64', 'STRING', pad('rpad', `' '`)),
    signature('STRING, INT64, STRING', 'STRING', pad('rpad', '$3')),
  ],
  STRPOS: [signature('STRING, STRING', 'INT64', 'CAST(strpos($1, $2) AS BIGINT)')],
  STARTS_WITH: [signature('STRING, STRING', 'BOOL', 'starts_with($1, $2)')],
  ENDS_WITH: [signature('STRING, STRING', 'BOOL', 'ends_with($1, $2)')],
  INITCAP: [
    signature('STRING', 'STRING', initcap(capDelimiters)),
    signature('STRING, STRING', 'STRING', initcap('$2')),
  ],
  ASCII: [
    signature(
      'STRING',
      'INT64',
      `CASE WHEN $1 = '' THEN 0 WHEN unicode($1) < 128 THEN CAST(unicode($1) AS BIGINT) WHEN $1 IS NULL THEN NULL ELSE ${failingText('BIGINT', `'Argument to ASCII is not a structurally valid ASCII string: ''' || $1 || ''''`)} END`,
    ),
  ],
  UNICODE: [signature('STRING', 'INT64', `CASE WHEN $1 = '' THEN 0 ELSE CAST(unicode($1) AS BIGINT) END`)],
  CHR: [
    signature(
      'INT64',
      'STRING',
      `CASE WHEN ${isCode('$1')} THEN ${codeText('$1')} WHEN $1 IS NULL THEN NULL ELSE ${failingText('VARCHAR', `'Invalid codepoint ' || $1`)} END`,
    ),
  ],
  EDIT_DISTANCE: [
    signature(
      'STRING, STRING',
      'INT64',
      `CASE WHEN regexp_full_match($1 || $2, '[\\x00-\\x7f]*') THEN CAST(levenshtein($1, $2) AS BIGINT) WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE ${failing('BIGINT', 'not supported locally: EDIT_DISTANCE of other than ASCII')} END`,
    ),
  ],
};

/** What CONCAT and || make of a value that is no text; null: nothing. */
export function asText(value: Expr): Expr | null {
  const { kind } = value.type;
  if (kind === 'STRING' || kind === 'BYTES' || value.literal?.kind === 'null') return null;
  return castTo(value, types.STRING, false);
}

function concat(call: CallSite): Expr {
  call.argCount(1, Number.POSITIVE_INFINITY);
  const args = Array.from({ length: call.count }, (_, i) => call.arg(i));
  const bytes = args.some((arg) => arg.type.kind === 'BYTES');
  const kind = bytes ? 'BYTES' : 'STRING';
  const [first, ...more] = args.map((arg, i) =>
    bytes ? call.typed(i, kind) : (asText(arg) ?? call.typed(i, kind)),
  );
  const literals = [first!, ...more].map((one) => one.literal);
  if (!bytes && literals.every((one) => one?.kind === 'string')) {
    return call.text(literals.map((one) => (one?.kind === 'string' ? one.value : '')).join(''));
  }
  return more.reduce((joined, one) => fill({ kind }, '($1 || $2)', [joined, one]), first!);
}

function split(call: CallSite): Expr {
  call.argCount(1, 2);
  const text = call.typed(0, 'STRING');
  if (call.count === 1) return fill(types.arrayOf(types.STRING), `string_split($1, ',')`, [text]);
  return fill(types.arrayOf(types.STRING), 'string_split($1, $2)', [text, call.typed(1, 'STRING')]);
}

/** INSTR(text, part[, position[, occurrence]]): from the end where the position is negative. */
function instr(call: CallSite): Expr {
  call.argCount(2, 4);
  const [text, part] = [call.typed(0, 'STRING'), call.typed(1, 'STRING')];
  if (call.count === 2) return fill(types.INT64, 'CAST(strpos($1, $2) AS BIGINT)', [text, part]);
  const position = call.typed(2, 'INT64');
  const at = position.literal?.kind === 'int' ? position.literal.value : null;
  if (at === null) throw call.unsupported('INSTR with a position that is not a literal');
  if (at === 0n) throw call.fail('Position must be non-zero');
  const occurrence = call.count === 4 ? call.typed(3, 'INT64').literal : null;
  const nth = occurrence === null ? 1n : occurrence.kind === 'int' ? occurrence.value : null;
  if (nth === null) throw call.unsupported('INSTR with an occurrence that is not a literal');
  if (nth <= 0n) throw call.fail('Fourth argument (occurrence) for INSTR cannot be less than 1');
  const starts = `list_filter(range(1, length($1) - length($2) + 2), lambda i: substr($1, i, length($2)) = $2)`;
  const found =
    at > 0n
      ? `list_extract(list_filter(${starts}, lambda i: i >= ${at}), ${nth})`
      : `list_extract(list_reverse(list_filter(${starts}, lambda i: i <= length($1) + 1 + (${at}))), ${nth})`;
  const sql = `CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $2 = '' THEN 0 ELSE coalesce(${found}, 0) END`;
  return fill(types.INT64, sql, [text, part]);
}

function translate(call: CallSite): Expr {
  call.argCount(3, 3);
  const [from, to] = [[...call.constant(1, 'set of characters')], [...call.constant(2, 'set of characters')]];
  if (new Set(from).size < from.length) throw call.fail('Duplicate character in TRANSLATE source characters');
  const text = call.typed(0, 'STRING');
  return fill(
    types.STRING,
    `translate($1, ${quoteText(from.join(''))}, ${quoteText(to.slice(0, from.length).join(''))})`,
    [text],
  );
}

function toCodePoints(call: CallSite): Expr {
  call.argCount(1, 1);
  const sql = `CASE WHEN $1 = '' THEN [] ELSE ${codes} END`;
  return fill(types.arrayOf(types.INT64), sql, [call.typed(0, 'STRING')]);
}

function codePointsToString(call: CallSite): Expr {
  call.argCount(1, 1);
  const codes = call.arg(0);
  if (codes.type.kind !== 'ARRAY' || codes.type.element.kind !== 'INT64') throw call.mismatch();
  return fill(types.STRING, fromCodes, [codes]);
}

/** NORMALIZE(text[, NFC]); the other forms are not here. */
function normalize(call: CallSite): Expr {
  call.argCount(1, 2);
  const mode = call.count === 2 ? call.tree(1) : null;
  const name = mode?.kind === 'name' ? mode.name.toUpperCase() : 'NFC';
  if (mode && name !== 'NFC') throw call.unsupported(`NORMALIZE to ${name}`);
  return fill(types.STRING, 'nfc_normalize($1)', [call.typed(0, 'STRING')]);
}

/** CONTAINS_SUBSTR(value, literal): in any text inside the value, upper and lower case alike. */
function containsSubstr(call: CallSite): Expr {
  call.argCount(2, 2);
  const scope = call.named('JSON_SCOPE') ?? 'JSON_VALUES';
  if (scope !== 'JSON_VALUES') throw call.unsupported(`CONTAINS_SUBSTR with the scope ${scope}`);
  const needle = call.constant(1, 'text to look for');
  const value = call.arg(0);
  const folded = quoteText(needle.normalize('NFKC').toLowerCase());
  const sql = contains(value.type, '$1', folded, call);
  return fill(types.BOOL, sql, [value]);
}

function contains(type: types.Type, of: string, needle: string, call: CallSite): string {
  switch (type.kind) {
    case 'STRING':
      return `contains(lower(${of}), ${needle})`;
    case 'INT64':
    case 'BOOL':
    case 'DATE':
      return `contains(CAST(${of} AS VARCHAR), ${needle})`;
    case 'ARRAY': {
      const inside = contains(type.element, 'x', needle, call);
      return `CASE WHEN ${of} IS NULL THEN NULL WHEN list_bool_or(list_transform(${of}, lambda x: ${inside})) THEN TRUE WHEN list_count(${of}) < len(${of}) THEN NULL ELSE FALSE END`;
    }
    case 'STRUCT': {
      const names = types.fieldNames(type.fields);
      const all = type.fields.map((field, i) =>
        contains(field.type, `struct_extract(${of}, ${quoteText(names[i] ?? '')})`, needle, call),
      );
      return `(${all.join(' OR ')})`;
    }
    default:
      throw call.unsupported(`CONTAINS_SUBSTR in ${types.typeText(type)}`);
  }
}

export const textSpecials: Specials = {
  CONCAT: concat,
  SPLIT: split,
  INSTR: instr,
  TRANSLATE: translate,
  TO_CODE_POINTS: toCodePoints,
  CODE_POINTS_TO_STRING: codePointsToString,
  NORMALIZE: normalize,
  CONTAINS_SUBSTR: containsSubstr,
};

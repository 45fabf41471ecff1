/**
 * Regular expressions. Both sides use RE2, so patterns mean the same; what is around them does not: DuckDB gives ''
 * where GoogleSQL gives NULL, and ends on an empty match where GoogleSQL does not.
 */

import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import { stringLiteral } from '../analyze/literal.ts';
import * as types from '../type.ts';
import type { CallSite, Specials } from './signature.ts';

/** Capturing groups of a pattern. */
function groupCount(pattern: string): number {
  let count = 0;
  let inClass = false;
  for (let i = 0; i < pattern.length; i += 1) {
    const character = pattern[i];
    if (character === '\\') {
      const quoted = pattern[i + 1] === 'Q' ? pattern.indexOf('\\E', i) : -1;
      i = pattern[i + 1] === 'Q' ? (quoted < 0 ? pattern.length : quoted + 1) : i + 1;
    } else if (inClass) {
      if (character === '[' && pattern[i + 1] === ':') i = Math.max(i, pattern.indexOf(':]', i));
      else if (character === ']') inClass = false;
    } else if (character === '[') {
      inClass = true;
      if (pattern[i + 1] === '^') i += 1;
      if (pattern[i + 1] === ']') i += 1;
    } else if (character === '(') {
      const named = /^\(\?P?<[A-Za-z_]/.test(pattern.slice(i, i + 5));
      if (pattern[i + 1] !== '?' || named) count += 1;
    }
  }
  return count;
}

interface Pattern {
  readonly text: string;
  readonly expr: Expr;
  readonly groups: number;
}

function patternOf(call: CallSite, index = 1): Pattern {
  const text = call.constant(index, 'pattern');
  checkPattern(text, call);
  return { text, expr: stringLiteral(text), groups: groupCount(text) };
}

/** What RE2 refuses and is common: DuckDB's words for it would come late and be others. */
function checkPattern(text: string, call: CallSite): void {
  const wrong = (what: string): Error => call.fail(`Cannot parse regular expression: ${what}`);
  const lookaround = /(?<!\\)\(\?(?:[=!]|<[=!])/.exec(text);
  if (lookaround) throw wrong(`invalid perl operator: ${lookaround[0].slice(1)}`);
  if (/(?<!\\)(?:\\\\)*\\[1-9]/.test(text))
    throw wrong(`invalid escape sequence: ${/\\[1-9]/.exec(text)?.[0]}`);
  const trailing = /(?:^|[^\\])(?:\\\\)*\\$/.test(text);
  if (trailing) throw wrong('trailing \\');
}

function oneGroup(call: CallSite, pattern: Pattern): number {
  if (pattern.groups > 1) {
    throw call.fail(
      'Regular expressions passed into extraction functions must not have more than 1 capturing group',
    );
  }
  return pattern.groups;
}

/** May the pattern match nothing at all? Said yes where it is not known. */
function matchesEmpty(pattern: string): boolean {
  try {
    return new RegExp(pattern.replace(/\(\?P</g, '(?<').replace(/^\(\?[a-z]+\)/, '')).test('');
  } catch {
    return true;
  }
}

/** Can what is extracted never be ''? Then '' says that there is no match. */
function matchesSomething(pattern: Pattern): boolean {
  if (pattern.groups === 0) return !matchesEmpty(pattern.text);
  const group = /\((?:\?P?<\w+>)?((?:[^()[\]\\]|\\.|\[[^\]]*\])*)\)(?![?*{])/.exec(
    pattern.text.replace(/\\[()]/g, 'x'),
  )?.[1];
  return (
    group !== undefined &&
    !pattern.text.includes('(?:') &&
    !pattern.text.includes('|') &&
    !matchesEmpty(group)
  );
}

function contains(call: CallSite): Expr {
  call.argCount(2, 2);
  const text = call.typed(0, 'STRING');
  const pattern = call.typed(1, 'STRING');
  if (pattern.literal?.kind === 'string') checkPattern(pattern.literal.value, call);
  return fill(types.BOOL, 'regexp_matches($1, $2)', [text, pattern]);
}

/** A group that took no part is NULL; so is no match. */
function extract(call: CallSite): Expr {
  call.argCount(2, 4);
  const text = call.typed(0, 'STRING');
  const pattern = patternOf(call);
  const group = oneGroup(call, pattern);
  if (call.count === 2) {
    const certain = group === 0 || !/[?*|{]/.test(pattern.text);
    const sql = matchesSomething(pattern)
      ? `nullif(regexp_extract($1, $2, ${group}), '')`
      : certain
        ? `CASE WHEN regexp_matches($1, $2) THEN regexp_extract($1, $2, ${group}) END`
        : `list_extract(regexp_extract_all($1, $2, ${group}), 1)`;
    return fill(types.STRING, sql, [text, pattern.expr]);
  }
  const position = literalInt(call, 2, 'Position');
  const occurrence = call.count === 4 ? literalInt(call, 3, 'Occurrence') : 1n;
  if (/[\^]|\\[bBA]/.test(pattern.text))
    throw call.unsupported(`${call.name} from a position with ^ or \\b in the pattern`);
  if (occurrence > 1n && matchesEmpty(pattern.text))
    throw call.unsupported(`${call.name} of the nth empty match`);
  const rest = position === 1n ? '$1' : `substr($1, ${position})`;
  const beyond = `CASE WHEN ${position} <= length($1) + 1 THEN`;
  return fill(
    types.STRING,
    `${beyond} list_extract(regexp_extract_all(${rest}, $2, ${group}), ${occurrence}) END`,
    [text, pattern.expr],
  );
}

function literalInt(call: CallSite, index: number, what: string): bigint {
  const value = call.typed(index, 'INT64');
  if (value.literal?.kind !== 'int')
    throw call.unsupported(`${call.name} with a ${what.toLowerCase()} that is not a literal`);
  if (value.literal.value < 1n) throw call.fail(`${what} must be positive`);
  return value.literal.value;
}

function extractAll(call: CallSite): Expr {
  call.argCount(2, 2);
  const pattern = patternOf(call);
  const group = oneGroup(call, pattern);
  if (matchesEmpty(pattern.text))
    throw call.unsupported('REGEXP_EXTRACT_ALL with a pattern that can match nothing');
  const all = `regexp_extract_all($1, $2, ${group})`;
  const sql = group === 0 ? all : `list_transform(${all}, lambda x: coalesce(x, ''))`;
  return fill(types.arrayOf(types.STRING), sql, [call.typed(0, 'STRING'), pattern.expr]);
}

function replace(call: CallSite): Expr {
  call.argCount(3, 3);
  const text = call.typed(0, 'STRING');
  const pattern = patternOf(call);
  const rewrite = call.constant(2, 'replacement');
  const bad = /\\(?![0-9\\])/.test(rewrite.replace(/\\\\/g, ''));
  if (bad)
    throw call.fail(
      `Invalid REGEXP_REPLACE pattern: Rewrite schema error: '\\' must be followed by a digit or '\\'.`,
    );
  const highest = Math.max(
    0,
    ...[...rewrite.replace(/\\\\/g, '').matchAll(/\\(\d)/g)].map((one) => Number(one[1])),
  );
  if (highest > pattern.groups) {
    throw call.fail(
      `Invalid REGEXP_REPLACE pattern: Rewrite schema requests ${highest} matches, but the regexp only has ${pattern.groups} parenthesized subexpressions.`,
    );
  }
  return fill(types.STRING, `regexp_replace($1, $2, $3, 'g')`, [text, pattern.expr, stringLiteral(rewrite)]);
}

/** Position of the first match, in code points; 0: none. */
function instr(call: CallSite): Expr {
  call.argCount(2, 5);
  if (call.count > 2) throw call.unsupported('REGEXP_INSTR from a position');
  const pattern = patternOf(call);
  oneGroup(call, pattern);
  if (pattern.groups > 0) throw call.unsupported('REGEXP_INSTR with a group');
  const before = `regexp_extract($1, '(?s)^(.*?)' || '(?-s:' || $2 || ')', 1)`;
  const sql = `CASE WHEN regexp_matches($1, $2) THEN length(${before}) + 1 WHEN $1 IS NULL THEN NULL ELSE 0 END`;
  if (/[\^]|\\A/.test(pattern.text)) throw call.unsupported('REGEXP_INSTR with ^ in the pattern');
  return fill(types.INT64, sql, [call.typed(0, 'STRING'), pattern.expr]);
}

export const regexpFunctions: Specials = {
  REGEXP_CONTAINS: contains,
  REGEXP_EXTRACT: extract,
  REGEXP_SUBSTR: extract,
  REGEXP_EXTRACT_ALL: extractAll,
  REGEXP_REPLACE: replace,
  REGEXP_INSTR: instr,
};

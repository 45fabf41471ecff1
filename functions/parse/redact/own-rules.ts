/**
 * Rules of one's own, by setting: names and regular expressions in RE2's syntax. RE2 matches in linear time whatever
 * the expression and the text, so no rule can hang a function; what RE2 does not know (look-around, back-references)
 * is refused when the settings are read.
 */
import { RE2JS } from 're2js';
import type { Kind } from '../../setting-kinds.ts';
import type { Rule } from './rule.ts';

const MAX_RULES = 20;
const MAX_PATTERN = 500;
const NAME = /^[a-z][a-z_]{0,39}$/;

/** A rule that finds an expression's matches. Throws an Error that says what is wrong with it. */
export function ownRule(name: string, pattern: string): Rule {
  if (!NAME.test(name)) throw new Error(`rule "${name}": a name is of small letters and "_"`);
  if (pattern.length > MAX_PATTERN)
    throw new Error(`rule ${name}: ${pattern.length} characters; allowed: ${MAX_PATTERN}`);
  const compiled = RE2JS.compile(pattern);
  if (compiled.matches('')) throw new Error(`rule ${name} matches the empty text`);
  return {
    name,
    find(text, add) {
      const matcher = compiled.matcher(text);
      while (matcher.find()) if (matcher.end() > matcher.start()) add(matcher.start(), matcher.end());
    },
  };
}

/** Setting: a JSON object of names and expressions. */
export const ownRules: Kind<readonly Rule[]> = {
  allowed:
    `a JSON object of at most ${MAX_RULES} names and expressions in RE2's syntax (no look-around, no back-references), ` +
    `each of at most ${MAX_PATTERN} characters and not matching the empty text; or empty`,
  parse(text) {
    if (text === '') return [];
    try {
      const rules = Object.entries(JSON.parse(text) as Record<string, unknown>);
      return rules.length > MAX_RULES
        ? undefined
        : rules.map(([name, pattern]) => ownRule(name, String(pattern)));
    } catch {
      return undefined;
    }
  },
};

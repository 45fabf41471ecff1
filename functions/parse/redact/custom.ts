/**
 * Rules of one's own, by setting: names and regular expressions in RE2's syntax. RE2 matches in linear time whatever
 * the expression and the text, so no rule can hang a function; what RE2 does not know (look-around, back-references) is
 * refused with its reason when the settings are read.
 */
import { RE2JS } from 're2js';
import type { Rule } from './rule.ts';

export const MAX_RULES = 20;
export const MAX_PATTERN = 500;

/** Compiles a rule. Throws an Error that says what is wrong with the expression. */
export function customRule(name: string, pattern: string): Rule {
  const compiled = compile(name, pattern);
  return {
    name,
    find(text, add) {
      const matcher = compiled.matcher(text);
      while (matcher.find()) {
        if (matcher.end() > matcher.start()) add(matcher.start(), matcher.end());
      }
    },
  };
}

function compile(name: string, pattern: string): RE2JS {
  if (pattern.length > MAX_PATTERN)
    throw new Error(`rule ${name}: ${pattern.length} characters; allowed: ${MAX_PATTERN}`);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    throw new Error(`rule ${name}: ${(error as Error).message}`);
  }
  if (compiled.matches(''))
    throw new Error(`rule ${name}: matches nothing at all; allowed: expressions that need a character`);
  return compiled;
}

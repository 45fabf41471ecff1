/**
 * What must hold of every stack, as functions from what was made to sentences that say what is wrong: none for a good
 * stack. mutations.test.ts breaks a stack in many ways and wants each to be found by one of them.
 */
import { closed, customRoles, granted, narrow, ordered } from './access-checks.ts';
import { asked, called, functions } from './call-checks.ts';
import type { Check } from './check.ts';
import { archived, coldDays, deadLetters, encrypted, expiring, kept, secrets } from './data-checks.ts';
import { imported } from './import-checks.ts';
import { judging } from './model-checks.ts';
import type { Made } from './stack.ts';
import { apis, labelled, watched } from './stack-checks.ts';
import { staged } from './staging-checks.ts';

export const CHECKS: Readonly<Record<string, Check>> = {
  closed,
  narrow,
  granted,
  customRoles,
  functions,
  called,
  asked,
  deadLetters,
  archived,
  coldDays,
  imported,
  expiring,
  apis,
  secrets,
  encrypted,
  kept,
  judging,
  staged,
  labelled,
  ordered,
  watched,
};

/** All that is wrong, each with the check that found it. */
export const problemsOf = (made: readonly Made[]): string[] =>
  Object.entries(CHECKS).flatMap(([name, check]) => check(made).map((problem) => `${name}: ${problem}`));

/** The built-in rules. */
import { address } from './address.ts';
import { email } from './email.ts';
import { card, iban } from './numbers.ts';
import { pair } from './pair.ts';
import type { Rule } from './rule.ts';
import { apiKey, bearer, jwt, privateKey } from './tokens.ts';
import { urlPassword } from './url-password.ts';

/** In the order of their right to a place that several find; all but the last are on unless set otherwise. */
export const RULES: readonly Rule[] = [
  privateKey,
  urlPassword,
  jwt,
  bearer,
  apiKey,
  email,
  card,
  iban,
  pair,
  address,
];

export const RULE_NAMES = RULES.map((rule) => rule.name);
export const DEFAULT_RULES = RULE_NAMES.filter((name) => name !== address.name);

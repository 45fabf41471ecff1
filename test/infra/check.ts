/** What checks of a stack have in common: how they look at what was made. */
import { FUNCTION_NAMES, type FunctionName } from '../../infra/config.ts';
import type { Inputs, Made } from './stack.ts';

/** From what was made to sentences that say what is wrong: none for a good stack. */
export type Check = (made: readonly Made[]) => string[];

export const short = ({ type }: Made): string => type.split(':').at(-1)!;
export const of = (made: readonly Made[], type: string): readonly Made[] =>
  made.filter((one) => short(one) === type);
export const inputsOf = (one: Made): Inputs => one.inputs;
export const roleOf = (one: Made): string => String(inputsOf(one).role ?? '');
export const isGrant = (one: Made): boolean => /I[Aa][Mm](Member|Binding|Policy)$/.test(short(one));

export const functionsIn = (made: readonly Made[]): FunctionName[] =>
  FUNCTION_NAMES.filter((name) => of(made, 'Function').some((one) => one.name === `logweir-${name}`));

/** What checks of a stack have in common: how they look at what was made. */
import { type Choices, FUNCTION_NAMES, type FunctionName, type Models } from '../../infra/config.ts';
import type { Inputs, Made } from './stack.ts';

/** From what was made to sentences that say what is wrong: none for a good stack. */
export type Check = (made: readonly Made[]) => string[];

export const short = ({ type }: Made): string => type.split(':').at(-1)!;
export const of = (made: readonly Made[], type: string): readonly Made[] =>
  made.filter((one) => short(one) === type);
export const inputsOf = (one: Made): Inputs => one.inputs;
export const roleOf = (one: Made): string => String(inputsOf(one).role ?? '');
export const isGrant = (one: Made): boolean => /I[Aa][Mm](Member|Binding|Policy)$/.test(short(one));

/** Where models judge in the stack, by what it has: an endpoint, or functions that say so. */
export function modelsOf(made: readonly Made[]): Models {
  if (of(made, 'AiEndpoint').length > 0) return 'endpoint';
  const envs = of(made, 'Function').map((one) => inputsOf(one).serviceConfig?.environmentVariables);
  return envs.some((env) => env?.LOGWEIR_MODELS === 'process') ? 'process' : 'none';
}

/** How rows reach BigQuery, by what parse is told; undefined: nothing is staged. */
export function rowsOf(made: readonly Made[]): Choices['rows'] {
  const parse = of(made, 'Function').find(({ name }) => name === 'logweir-parse');
  return parse && inputsOf(parse).serviceConfig?.environmentVariables?.LOGWEIR_LOG_ROWS;
}

export const choicesOf = (made: readonly Made[]): Choices => ({ models: modelsOf(made), rows: rowsOf(made) });

export const functionsIn = (made: readonly Made[]): FunctionName[] =>
  FUNCTION_NAMES.filter((name) => of(made, 'Function').some((one) => one.name === `logweir-${name}`));

/**
 * A stack broken on purpose: what is done, how, and what a check (checks.ts) or the provider's declarations must say of
 * it. The tables beside this file hold them by what they break; mutations.test.ts runs all.
 */
import type { Inputs, Made } from '../stack.ts';

/** From what was made, a copy that may be spoilt, to what is then there. */
export type Change = (made: Made[]) => Made[];
/** What goes wrong, as the end of "it is found when …"; how; what is said of it. */
export type Mutation = readonly [string, Change, RegExp];

/** Without the resource of that name, and of that type where a name is given twice. */
export const without =
  (name: string, type = ''): Change =>
  (made) => {
    const left = made.filter((one) => one.name !== name || !one.type.endsWith(type));
    if (left.length === made.length) throw new Error(`no resource ${type} ${name}`);
    return left;
  };

/** With other inputs of one resource. */
export const change =
  (name: string, type: string, edit: (inputs: Inputs) => void): Change =>
  (made) => {
    const found = made.filter((one) => one.name === name && one.type.endsWith(`:${type}`));
    if (found.length !== 1) throw new Error(`${found.length} resources ${type} ${name}`);
    edit(found[0]!.inputs);
    return made;
  };

/** With one more. */
export const also =
  (one: Omit<Made, 'protect' | 'after'>): Change =>
  (made) => [...made, { ...one, protect: false, after: [] }];

export const onFunction = (name: string, edit: (inputs: Inputs) => void): Change =>
  change(`logweir-${name}`, 'Function', edit);

export const onSubscription = (name: string, edit: (inputs: Inputs) => void): Change =>
  change(`logweir-${name}`, 'Subscription', edit);

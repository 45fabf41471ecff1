/** A prod stack is broken in many ways, by the tables of mutations/, and each way must be found. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemsOf } from './checks.ts';
import { refusals } from './declarations.ts';
import { DECLARATION_MUTATIONS } from './mutations/declarations.ts';
import { DELIVERY_MUTATIONS } from './mutations/deliveries.ts';
import { GRANT_MUTATIONS } from './mutations/grants.ts';
import { HOLDING_MUTATIONS } from './mutations/holdings.ts';
import { IMPORT_MUTATIONS } from './mutations/imports.ts';
import type { Mutation } from './mutations/mutation.ts';
import { OPENING_MUTATIONS } from './mutations/openings.ts';
import { OPERATION_MUTATIONS } from './mutations/operations.ts';
import { STAGING_MUTATIONS } from './mutations/staging.ts';
import { DEV, type Made, makeStack, PROD, PROD_SECRETS, type Stack } from './stack.ts';

const MUTATIONS: readonly Mutation[] = [
  ...GRANT_MUTATIONS,
  ...OPENING_MUTATIONS,
  ...DELIVERY_MUTATIONS,
  ...IMPORT_MUTATIONS,
  ...HOLDING_MUTATIONS,
  ...OPERATION_MUTATIONS,
  ...STAGING_MUTATIONS,
  ...DECLARATION_MUTATIONS,
];

let folder: string;
let stack: Stack;
let dev: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-infra-'));
  dev = await makeStack(DEV, folder);
  stack = await makeStack(PROD, folder, PROD_SECRETS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const everythingWrong = (made: readonly Made[]): string[] => [...problemsOf(made), ...refusals(made)];

describe('a stack that is broken on purpose', () => {
  it('nothing is wrong before it is broken', () => {
    expect(everythingWrong(stack.made)).toEqual([]);
    expect(everythingWrong(dev.made)).toEqual([]);
  });

  it.each(MUTATIONS)('it is found when %s', (_, mutate, finding) => {
    const broken = mutate(structuredClone(stack.made) as Made[]);
    expect(everythingWrong(broken).join('\n')).toMatch(finding);
  });
});

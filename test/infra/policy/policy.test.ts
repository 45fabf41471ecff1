import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Inputs, type Made, makeStack, PROD, PROD_SECRETS } from '../stack.ts';
import { type Analyzer, startAnalyzer } from './analyzer.ts';

let folder: string;
let analyzer: Analyzer;
let made: readonly Made[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-policy-'));
  analyzer = await startAnalyzer();
  made = (await makeStack(PROD, folder, PROD_SECRETS)).made.filter(({ type }) => type.startsWith('gcp:'));
});
afterAll(async () => {
  analyzer.close();
  await rm(folder, { recursive: true, force: true });
});

const broken = (name: string, type: string, edit: (inputs: Inputs) => void, protect?: boolean): Made => {
  const found = made.find((one) => one.name === name && one.type.endsWith(`:${type}`))!;
  const inputs = structuredClone(found.inputs);
  edit(inputs);
  return { ...found, inputs, protect: protect ?? found.protect };
};
const added = (type: string, inputs: object): Made => ({
  ...{ type: `gcp:${type}`, name: 'added', inputs: inputs as Inputs, protect: false, after: [] },
});

const BREAKS: readonly (readonly [string, () => Made, RegExp])[] = [
  [
    'buckets-are-closed',
    () =>
      broken('logweir-archive', 'Bucket', (inputs) => {
        inputs.publicAccessPrevention = 'inherited';
      }),
    /"enforced"/,
  ],
  [
    'buckets-have-uniform-access',
    () =>
      broken('logweir-archive', 'Bucket', (inputs) => {
        inputs.uniformBucketLevelAccess = false;
      }),
    /must be true/,
  ],
  [
    'nobody-unnamed',
    () => added('storage/bucketIAMMember:BucketIAMMember', { bucket: 'b', role: 'r', member: 'allUsers' }),
    /name who it is for/,
  ],
  [
    'no-primitive-roles',
    () =>
      added('projects/iAMMember:IAMMember', { project: 'p', role: 'roles/editor', member: 'user:a@b.com' }),
    /roles\/editor/,
  ],
  ['no-keys', () => added('serviceaccount/key:Key', { serviceAccountId: 'a' }), /stolen/],
  [
    'push-has-dead-letter',
    () =>
      broken('logweir-parse', 'Subscription', (inputs) => {
        delete inputs.deadLetterPolicy;
      }),
    /deadLetterPolicy/,
  ],
  [
    'push-has-token',
    () =>
      broken('logweir-parse', 'Subscription', (inputs) => {
        delete inputs.pushConfig.oidcToken.audience;
      }),
    /audience/,
  ],
  [
    'tables-want-a-partition',
    () => added('bigquery/table:Table', { timePartitioning: { type: 'DAY' }, labels: {} }),
    /requirePartitionFilter/,
  ],
  [
    'somebody-pays',
    () =>
      broken('logweir-logs', 'Topic', (inputs) => {
        inputs.labels = {};
      }),
    /cost-owner/,
  ],
  [
    'prod-data-stays',
    () => broken('logweir-dataset', 'Dataset', () => undefined, false),
    /protect must be set/,
  ],
  [
    'databases-are-kept',
    () =>
      broken('logweir-state', 'Database', (inputs) => {
        inputs.deleteProtectionState = 'DELETE_PROTECTION_DISABLED';
      }),
    /DELETE_PROTECTION_ENABLED/,
  ],
  [
    'one-key-for-all',
    () =>
      broken('logweir-dataset', 'Dataset', (inputs) => {
        delete inputs.defaultEncryptionConfiguration;
      }),
    /not encrypted/,
  ],
  [
    'dead-letters-are-kept',
    () =>
      broken('logweir-dead', 'Subscription', (inputs) => {
        inputs.topic = 'another';
      }),
    /nothing subscribes/,
  ],
];

describe('the policy pack', () => {
  it('lets the stack pass', async () => {
    expect(await analyzer.violations(made)).toEqual([]);
  });

  it.each(BREAKS)('its rule %s stops what breaks it', async (name, one, says) => {
    const change = one();
    const others = made.filter((each) => each.name !== change.name || each.type !== change.type);
    const said = await analyzer.violations([...others, change]);
    expect(said.filter((each) => each.startsWith(`${name}:`)).join()).toMatch(says);
  });

  it('has no rule that was not broken here', async () => {
    expect((await analyzer.rules()).sort()).toEqual(BREAKS.map(([name]) => name).sort());
  });
});

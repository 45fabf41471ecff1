/** A prod stack whose models judge in the process: all checks, what it does without, and what breaks it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../functions/config.ts';
import { problemsOf } from './checks.ts';
import { refusals } from './declarations.ts';
import { also, type Mutation, onFunction, without } from './mutations/mutation.ts';
import { type Inputs, type Made, makeStack, PROD, PROD_SECRETS, type Stack } from './stack.ts';

const IN_PROCESS = { ...PROD, models: 'process', serving: undefined };

let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-infra-'));
  stack = await makeStack(IN_PROCESS, folder, PROD_SECRETS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const everythingWrong = (made: readonly Made[]): string[] => [...problemsOf(made), ...refusals(made)];
const inputsOf = (type: string, name: string): Inputs => stack.one(type, name).inputs;

describe('a stack whose models judge in the process', () => {
  it('has nothing wrong', () => {
    expect(everythingWrong(stack.made)).toEqual([]);
  });

  it('pays for no endpoint, and lets nobody ask one', () => {
    const types = new Set(stack.made.map(({ type }) => type));
    expect([...types].filter((type) => /vertex/i.test(type))).toEqual([]);
    expect(JSON.stringify(stack.made)).not.toContain('aiplatform.endpoints.predict');
    expect(stack.made.map(({ name }) => name)).not.toContain('logweir-serving');
    expect(stack.outputs.modelEndpoint).toBeNull();
  });

  it('tells the functions where models judge, and where drift keeps what it trains', () => {
    const { environmentVariables } = inputsOf(
      'cloudfunctionsv2/function:Function',
      'logweir-close',
    ).serviceConfig;
    expect(loadConfig(environmentVariables)).toMatchObject({
      ...{ models: 'process', modelEndpoint: null, modelBucket: 'my-project-logweir-models' },
      trainingIdentity: 'logweir-training@my-project.iam.gserviceaccount.com',
    });
  });

  it('lets close and learn read models, and drift alone write them', () => {
    const rolesOf = (name: string): string[] =>
      stack.made
        .filter((one) => (one.inputs as Inputs).bucket === 'my-project-logweir-models')
        .filter((one) => String((one.inputs as Inputs).member).includes(`logweir-${name}@`))
        .map((one) => String((one.inputs as Inputs).role));
    expect([rolesOf('close'), rolesOf('learn'), rolesOf('drift'), rolesOf('parse')]).toEqual([
      ['roles/storage.objectViewer'],
      ['roles/storage.objectViewer'],
      ['roles/storage.objectUser'],
      [],
    ]);
  });
});

const MUTATIONS: readonly Mutation[] = [
  [
    'close may not read the models that drift promoted',
    without('logweir-close-storage-objectViewer-model-bucket'),
    /close lacks roles\/storage.objectViewer on the model bucket/,
  ],
  [
    'learn may not either',
    without('logweir-learn-storage-objectViewer-model-bucket'),
    /learn lacks roles\/storage.objectViewer on the model bucket/,
  ],
  [
    'close may change what judges',
    also({
      type: 'gcp:storage/bucketIAMMember:BucketIAMMember',
      name: 'extra',
      inputs: {
        ...{ bucket: 'my-project-logweir-models', role: 'roles/storage.objectUser' },
        member: 'serviceAccount:logweir-close@my-project.iam.gserviceaccount.com',
      } as Inputs,
    }),
    /close needs no extra/,
  ],
  [
    'a function looks for an endpoint',
    onFunction('close', (inputs) => {
      delete inputs.serviceConfig.environmentVariables.LOGWEIR_MODELS;
    }),
    /logweir-close looks for models elsewhere/,
  ],
  ['drift cannot compare with what judges', without('logweir-model-reference.json'), /lacks reference.json/],
  ['drift may not train', without('logweir-aiplatform', 'Service'), /aiplatform is not enabled/],
];

describe('such a stack that is broken on purpose', () => {
  it.each(MUTATIONS)('it is found when %s', (_, mutate, finding) => {
    const broken = mutate(structuredClone(stack.made) as Made[]);
    expect(everythingWrong(broken).join('\n')).toMatch(finding);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../functions/config.ts';
import { CHECKS } from './checks.ts';
import { DEV, type Inputs, makeStack, PROD, PROD_SECRETS, type Stack } from './stack.ts';

let folder: string;
const stacks = new Map<string, Stack>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-infra-'));
  stacks.set('dev', await makeStack(DEV, folder));
  stacks.set('prod', await makeStack(PROD, folder, PROD_SECRETS));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inputsOf = (stack: string, type: string, name: string): Inputs =>
  stacks.get(stack)!.one(type, name).inputs;

describe.each(['dev', 'prod'])('the stack %s', (stack) => {
  it.each(Object.keys(CHECKS))('check %s finds nothing wrong', (check) => {
    expect(CHECKS[check]!(stacks.get(stack)!.made)).toEqual([]);
  });

  it('pushes to the path by which the framework knows the topic', () => {
    expect(inputsOf(stack, 'pubsub/subscription:Subscription', 'logweir-parse').pushConfig.pushEndpoint).toBe(
      'https://logweir-parse-abc-ew.a.run.app/projects/my-project/topics/logweir-logs',
    );
  });

  it('says where logs go, where they are asked for, and where to look', () => {
    const { outputs } = stacks.get(stack)!;
    expect(outputs).toMatchObject({
      topic: 'logweir-logs-id',
      dataset: 'my-project.logweir',
      archiveBucket: 'my-project-logweir-archive',
      images: 'europe-west1-docker.pkg.dev/my-project/logweir-images',
    });
    expect(JSON.stringify(outputs.lookerStudio)).toContain('ds.projectId=my-project');
  });
});

describe('the settings that commands work with', () => {
  it('are those of the functions, with the key of redaction', () => {
    const { functionEnv } = stacks.get('prod')!.outputs;
    expect(loadConfig(functionEnv as Record<string, string>)).toMatchObject({
      ...{ project: 'my-project', dataset: 'logweir', archiveBucket: 'my-project-logweir-archive' },
      ...{ closeUrl: 'https://logweir-close-abc-ew.a.run.app', redactKey: PROD_SECRETS.redactKey },
    });
  });
});

describe('a preview', () => {
  it('shows all of a stack, although functions have no addresses yet', async () => {
    const preview = await makeStack(DEV, folder, {}, true);
    const namesOf = ({ made }: Stack): string[] => made.map(({ type, name }) => `${type} ${name}`).sort();
    expect(namesOf(preview)).toEqual(namesOf(stacks.get('dev')!));
  });
});

describe('a stack within a perimeter', () => {
  it('builds in a pool of its own, calls by its own network, and lets nobody in from outside', async () => {
    const connector = 'projects/my-project/locations/europe-west1/connectors/logs';
    const buildPool = 'projects/my-project/locations/europe-west1/workerPools/logs';
    const inside = { ...DEV, api: { access: 'internal' }, vpc: { connector, buildPool }, models: true };
    const { of, made } = await makeStack(inside, folder);
    for (const { inputs } of of('cloudfunctionsv2/function:Function') as Inputs[]) {
      expect(inputs.buildConfig.workerPool).toBe(buildPool);
      expect(inputs.serviceConfig).toMatchObject({
        ...{ vpcConnector: connector, vpcConnectorEgressSettings: 'ALL_TRAFFIC' },
        ingressSettings: 'ALLOW_INTERNAL_ONLY',
      });
    }
    expect(of('monitoring/uptimeCheckConfig:UptimeCheckConfig')).toEqual([]);
    expect([...CHECKS.closed!(made), ...CHECKS.asked!(made)]).toEqual([]);
  });
});

describe('a dev stack', () => {
  it('lets people call the API by their tokens, and asks it every minute with one', () => {
    const ingress = inputsOf('dev', 'cloudfunctionsv2/function:Function', 'logweir-api').serviceConfig;
    expect(ingress.ingressSettings).toBe('ALLOW_ALL');
    const check = inputsOf('dev', 'monitoring/uptimeCheckConfig:UptimeCheckConfig', 'logweir-api-health');
    expect(check).toMatchObject({
      monitoredResource: { labels: { host: 'logweir-api-abc-ew.a.run.app' } },
      httpCheck: { path: '/health', serviceAgentAuthentication: { type: 'OIDC_TOKEN' } },
    });
    expect(stacks.get('dev')!.outputs.api).toBe('https://logweir-api-abc-ew.a.run.app');
  });

  it('keeps no instance warm and needs no models', () => {
    for (const { inputs } of stacks.get('dev')!.of('cloudfunctionsv2/function:Function') as Inputs[])
      expect(inputs.serviceConfig.minInstanceCount).toBe(0);
    expect(stacks.get('dev')!.of('vertex/aiEndpoint:AiEndpoint')).toEqual([]);
    expect(() => stacks.get('dev')!.one('cloudfunctionsv2/function:Function', 'logweir-drift')).toThrow();
  });
});

describe('a prod stack', () => {
  it('lets people log in at a domain of theirs, and says what to do for that', () => {
    const { outputs } = stacks.get('prod')!;
    expect(outputs).toMatchObject({
      api: 'https://logs.example.com',
      apiAddress: '203.0.113.7',
      iapAudience: '/projects/1/global/backendServices/42',
    });
    expect(
      inputsOf('prod', 'iap/webBackendServiceIamMember:WebBackendServiceIamMember', 'logweir-viewer-0'),
    ).toMatchObject({ role: 'roles/iap.httpsResourceAccessor', member: 'group:viewers@example.com' });
  });

  it('keeps parse and close warm', () => {
    for (const name of ['logweir-parse', 'logweir-close'])
      expect(
        inputsOf('prod', 'cloudfunctionsv2/function:Function', name).serviceConfig.minInstanceCount,
      ).toBe(1);
  });

  it('locks the archive for as long as it was asked to', () => {
    expect(inputsOf('prod', 'storage/bucket:Bucket', 'logweir-archive').retentionPolicy).toEqual({
      retentionPeriod: '7776000',
      isLocked: true,
    });
  });

  it('ages the archive by the rules of the functions', () => {
    const rules: Inputs[] = inputsOf('prod', 'storage/bucket:Bucket', 'logweir-archive').lifecycleRules;
    const raw = rules.filter(({ condition }) => condition.matchesPrefixes.includes('raw/'));
    expect(raw.map(({ action, condition }) => [action.storageClass ?? action.type, condition.age])).toEqual([
      ['NEARLINE', 30],
      ['COLDLINE', 90],
      ['Delete', 400],
    ]);
  });

  it('gives no function a secret that it does not read', () => {
    const keys = (name: string): string[] =>
      inputsOf('prod', 'cloudfunctionsv2/function:Function', `logweir-${name}`)
        .serviceConfig.secretEnvironmentVariables.map(({ key }: Inputs) => key)
        .sort();
    expect(keys('close')).toEqual([]);
    expect(keys('parse')).toEqual(['LOGWEIR_REDACT_KEY']);
    expect(keys('alert')).toEqual(['LOGWEIR_REDACT_KEY', 'LOGWEIR_SLACK_TOKEN', 'LOGWEIR_SMTP_URL']);
  });

  it('puts the models of the repository on the endpoint, their files first', () => {
    const { made } = stacks.get('prod')!;
    const step = made.find(({ name }) => name === 'logweir-serving')!;
    expect(step.inputs).toMatchObject({
      ...{ minReplicas: 1, maxReplicas: 2, trafficPercent: 100, machineType: 'n1-standard-2' },
      artifactUri: expect.stringMatching(/^gs:\/\/my-project-logweir-models\/models\/.+\/model$/),
    });
    expect(step.after).toEqual(
      expect.arrayContaining(['logweir-model-lstm.onnx', 'logweir-aiplatform-agent']),
    );
  });

  it('warns before the budget is spent', () => {
    expect(inputsOf('prod', 'billing/budget:Budget', 'logweir-budget')).toMatchObject({
      amount: { specifiedAmount: { currencyCode: 'USD', units: '2000' } },
      budgetFilter: { projects: ['projects/1'] },
    });
  });
});

/**
 * The stack without a cloud and without an engine: Pulumi's mocks take every resource, and what was asked of them is
 * kept. It shows what would be made, and in which order; it does not show that Google would take it.
 */
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import * as runtime from '@pulumi/pulumi/runtime/settings.js';
import { type Bundle, bundleFunction } from '../../infra/bundle.ts';
import { type ModelPlace, readSettings, type SecretName } from '../../infra/config.ts';
import { Deployment, functionsOf } from '../../infra/deployment.ts';
import { answered, filledIn, PROJECT } from './google.ts';
import { withSecretsShown } from './wire.ts';

export type { Inputs } from './google.ts';

export interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, never>>;
  readonly protect: boolean;
  /** Names of resources that are made before. */
  readonly after: readonly string[];
}

export interface Stack {
  readonly made: readonly Made[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Those of a type, such as `pubsub/topic:Topic`. */
  of(type: string): readonly Made[];
  one(type: string, name: string): Made;
}

export const DEV = { environment: 'dev', project: PROJECT, region: 'europe-west1', costOwner: 'me' } as const;
export const PROD = {
  ...DEV,
  environment: 'prod',
  operators: ['ops@example.com'],
  publishers: ['serviceAccount:fluentd@my-project.iam.gserviceaccount.com'],
  analysts: ['group:analysts@example.com'],
  kmsKey: 'projects/keys/locations/europe-west1/keyRings/logs/cryptoKeys/logweir',
  retentionLock: { days: 90, lock: true },
  viewers: ['group:viewers@example.com'],
  api: { access: 'iap', domain: 'logs.example.com' },
  models: true,
  rows: 'load',
  serving: { image: 'europe-west1-docker.pkg.dev/my-project/logweir-images/serving:1' },
  auditDataAccess: true,
  budget: { billingAccount: '012345-6789AB-CDEF01', usdPerMonth: 2000 },
  importFrom: {
    source: 'confluentCloud',
    bootstrapServer: 'kafka.example.com:9092',
    clusterId: 'lkc-1',
    topic: 'logs',
    identityPoolId: 'pool-1',
  },
  functions: { LOGWEIR_SLACK_CHANNEL: 'C01', LOGWEIR_MAIL_TO: 'oncall@example.com' },
} as const;
export const PROD_SECRETS: Partial<Record<SecretName, string>> = {
  slackToken: 'xoxb-0123456789',
  smtpUrl: 'smtp://user:password@mail.example.com:587',
  redactKey: '0123456789abcdef',
};

const bundles = new Map<string, Promise<Bundle>>();
const bundleOf = (name: Bundle['name'], folder: string, place: ModelPlace): Promise<Bundle> => {
  const key = `${name} ${place}`;
  const made = bundles.get(key) ?? bundleFunction(name, join(folder, place), place);
  bundles.set(key, made);
  return made;
};

/** Makes a stack of the settings, or previews it. Bundles are written below `folder`. */
export async function makeStack(
  value: object,
  folder: string,
  secrets: Partial<Record<SecretName, string>> = {},
  isPreview = false,
): Promise<Stack> {
  const settings = readSettings(value);
  const made: Made[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, type, inputs }) => ({
        id: `${name}-id`,
        // Before it is made a function has no address, and the provider says so by leaving it out.
        state: isPreview && type.endsWith(':Function') ? { ...inputs } : filledIn(type, name, inputs),
      }),
      call: ({ token, inputs }) => answered(token, inputs),
    },
    'logweir',
    'test',
    isPreview,
  );
  record(made);
  const place = settings.models === 'process' ? 'process' : 'endpoint';
  const parts = await Promise.all(functionsOf(settings).map((name) => bundleOf(name, folder, place)));
  const deployment = new Deployment({
    settings,
    bundles: parts,
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([name, secret]) => [name, pulumi.secret(secret)]),
    ),
    sqlDigest: 'digest',
  });
  const outputs = await resolved(pulumi.output(deployment.outputs));
  await settled();
  return {
    made,
    outputs,
    of: (type) => made.filter((one) => one.type === `gcp:${type}`),
    one(type, name) {
      const found = made.find((each) => each.type === `gcp:${type}` && each.name === name);
      if (found === undefined) {
        const names = made.filter((each) => each.type === `gcp:${type}`).map((each) => each.name);
        throw new Error(`no ${type} ${name}; there are ${names.join(', ')}`);
      }
      return found;
    },
  };
}

const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply((value) => resolve(value as T)));

/** Everything that was asked for is registered; the SDK has it, and does not declare it. */
const settled = (): Promise<void> => (runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();

interface Registration {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getProtect(): boolean;
  getDependenciesList(): readonly string[];
  getObject(): { toJavaScript(): Record<string, never> };
}

/** The mocks tell of names and inputs alone; what is registered tells of protection and order too. */
function record(made: Made[]): void {
  const monitor = runtime.getMonitor() as unknown as {
    registerResource(request: Registration, callback: unknown): unknown;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    if (request.getCustom())
      made.push({
        type: request.getType(),
        name: request.getName(),
        inputs: withSecretsShown(request.getObject().toJavaScript()) as Record<string, never>,
        protect: request.getProtect(),
        after: request.getDependenciesList().map((urn) => urn.split('::').at(-1)!),
      });
    return register(request, callback);
  };
}

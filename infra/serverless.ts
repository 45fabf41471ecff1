/**
 * The functions: 2nd generation, Node.js 22, the bundle of each under its own service account with its own settings and
 * secrets. They are called inside the project alone, by callers whose token Cloud Run checks; nobody else may call, but
 * the API, which people reach as front.ts says, and drift, which the API calls.
 * Other code is another object in the bucket, and so another revision; it takes traffic when it has started.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Bundle } from './bundle.ts';
import type { FunctionName } from './config.ts';
import type { Grants } from './grants.ts';
import { type Caller, type Identities, memberOf } from './identities.ts';
import type { Models } from './models.ts';
import { type Naming, under } from './naming.ts';
import { PLANS } from './plan.ts';
import type { Platform } from './platform.ts';
import type { Secrets } from './secrets.ts';
import { newBucket } from './storage-bucket.ts';

type Env = Readonly<Record<string, pulumi.Input<string>>>;

export interface ServerlessArgs {
  readonly bundles: readonly Bundle[];
  /** Settings that all functions have. */
  readonly env: Env;
  readonly platform: Platform;
  readonly identities: Identities;
  readonly models: Models;
  readonly secrets: Secrets;
  readonly grants: Grants;
}

export class Serverless extends pulumi.ComponentResource {
  readonly functions = new Map<FunctionName, gcp.cloudfunctionsv2.Function>();
  /** Before a function is called. */
  readonly invokers = new Map<FunctionName, pulumi.Resource>();
  private readonly naming: Naming;
  private readonly args: ServerlessArgs;

  constructor(naming: Naming, args: ServerlessArgs, opts?: pulumi.ComponentResourceOptions) {
    super('logweir:infra:Serverless', naming.name('functions'), {}, opts);
    this.naming = naming;
    this.args = args;
    const source = newBucket(
      naming,
      'source',
      { lifecycleRules: [{ action: { type: 'Delete' }, condition: { age: 90 } }], forceDestroy: true },
      under(this, args.platform.ready),
    );
    const builds = this.grantBuilder(source);
    // close first: the others call it; then drift, which the API calls.
    const rank = ({ name }: Bundle): number => (name === 'close' ? 0 : name === 'drift' ? 1 : 2);
    const order = [...args.bundles].sort((a, b) => rank(a) - rank(b));
    for (const bundle of order) this.deploy(bundle, source, builds);
    this.registerOutputs({});
  }

  /** URL of a function. */
  urlOf(name: FunctionName): pulumi.Output<string> {
    return this.functionOf(name).serviceConfig.apply((config) => {
      if (config?.uri !== undefined) return config.uri;
      // The provider may not say that a nested field is not known yet: a preview goes on without it.
      if (pulumi.runtime.isDryRun())
        return `https://${this.naming.name(name)}.address.is.known.after.pulumi.up`;
      throw new Error(`function ${name} has no address`);
    });
  }

  functionOf(name: FunctionName): gcp.cloudfunctionsv2.Function {
    const found = this.functions.get(name);
    if (found === undefined) throw new Error(`this stack has no function ${name}`);
    return found;
  }

  private deploy(bundle: Bundle, source: gcp.storage.Bucket, builds: readonly pulumi.Resource[]): void {
    const { name } = bundle;
    const { settings } = this.naming;
    const { identities, secrets, grants, models } = this.args;
    const object = new gcp.storage.BucketObject(
      this.naming.name(`${name}-source`),
      {
        bucket: source.name,
        name: `${name}-${bundle.digest}.zip`,
        source: new pulumi.asset.FileArchive(bundle.folder),
      },
      under(this),
    );
    const made = new gcp.cloudfunctionsv2.Function(
      this.naming.name(name),
      {
        project: settings.project,
        location: settings.region,
        name: this.naming.name(name),
        description: `Logweir: ${name}`,
        labels: { ...this.naming.labels },
        ...(settings.kmsKey === undefined ? {} : { kmsKeyName: settings.kmsKey }),
        buildConfig: {
          runtime: 'nodejs22',
          entryPoint: name,
          serviceAccount: identities.builder.id,
          dockerRepository: models.registry.id,
          ...(settings.vpc?.buildPool === undefined ? {} : { workerPool: settings.vpc.buildPool }),
          source: {
            storageSource: {
              bucket: source.name,
              object: object.name,
              // Other code under the same name would not be deployed otherwise.
              generation: object.generation,
            },
          },
        },
        serviceConfig: {
          ...this.sizeOf(name),
          serviceAccountEmail: identities.of(name).email,
          ingressSettings: this.ingressOf(name),
          ...this.networkOf(),
          allTrafficOnLatestRevision: true,
          environmentVariables: this.envOf(name),
          secretEnvironmentVariables: secrets.envOf(name).map((one) => ({ ...one })),
        },
      },
      under(this, [...builds, ...grants.of(name), ...secrets.grantsOf(name)]),
    );
    this.functions.set(name, made);
    if (name === 'drift') grants.onDrift(made);
    const { caller } = PLANS[name];
    if (caller === 'people') this.letPeopleCall(name, made);
    else this.invokers.set(name, this.letCall(name, caller, made));
  }

  private sizeOf(name: FunctionName) {
    const plan = PLANS[name];
    const { instances, rows, environment } = this.naming.settings;
    const { min, max } = instances[name] ?? {};
    const isDev = environment === 'dev';
    return {
      availableCpu: plan.cpu,
      availableMemory: plan.memory,
      maxInstanceRequestConcurrency: (rows === 'load' ? plan.loadConcurrency : undefined) ?? plan.concurrency,
      // A dev stack that nobody uses costs nothing for waiting.
      minInstanceCount: min ?? (isDev ? 0 : plan.minInstances),
      maxInstanceCount: max ?? Math.max(plan.maxInstances, min ?? 0),
      timeoutSeconds: plan.timeoutSeconds,
    };
  }

  /** close does not call itself, but every function wants the setting. */
  private envOf(name: FunctionName): Env {
    const { project, region } = this.naming.settings;
    const closeUrl =
      name === 'close'
        ? `https://${region}-${project}.cloudfunctions.net/${this.naming.name('close')}`
        : this.urlOf('close');
    const driftUrl =
      name === 'api' && this.functions.has('drift') ? { LOGWEIR_DRIFT_URL: this.urlOf('drift') } : {};
    return { ...this.args.env, NODE_ENV: 'production', LOGWEIR_CLOSE_URL: closeUrl, ...driftUrl };
  }

  private letCall(
    name: FunctionName,
    caller: Caller,
    made: gcp.cloudfunctionsv2.Function,
  ): gcp.cloudrunv2.ServiceIamMember {
    const { project, region } = this.naming.settings;
    return new gcp.cloudrunv2.ServiceIamMember(
      this.naming.name(`${name}-called`),
      {
        project,
        location: region,
        name: made.name,
        role: 'roles/run.invoker',
        member: memberOf(this.args.identities.callers[caller]),
      },
      under(this),
    );
  }

  /**
   * People reach the API alone, and that as front.ts says. A call of Cloud Run's is internal only where it comes through
   * the project's network: without one, drift lets the API in by its token alone.
   * Source: https://cloud.google.com/run/docs/securing/ingress
   */
  private ingressOf(name: FunctionName): string {
    const { api, vpc } = this.naming.settings;
    const { access } = api;
    if (name === 'drift' && vpc === undefined) return 'ALLOW_ALL';
    if (PLANS[name].caller !== 'people' || access === 'internal') return 'ALLOW_INTERNAL_ONLY';
    return access === 'iap' ? 'ALLOW_INTERNAL_AND_GCLB' : 'ALLOW_ALL';
  }

  /** Within a perimeter of VPC Service Controls all calls go through the stack's own network. */
  private networkOf() {
    const { vpc } = this.naming.settings;
    return vpc === undefined
      ? {}
      : { vpcConnector: vpc.connector, vpcConnectorEgressSettings: 'ALL_TRAFFIC' };
  }

  /** Nobody but those whom the stack names; the API asks them for their token once more. */
  private letPeopleCall(name: FunctionName, made: gcp.cloudfunctionsv2.Function): void {
    const { project, region, viewers, api } = this.naming.settings;
    if (api.access !== 'iam') return;
    for (const member of viewers)
      new gcp.cloudrunv2.ServiceIamMember(
        this.naming.name(`${name}-called-by-${member.replace(/[^\w.-]/g, '-')}`),
        { project, location: region, name: made.name, role: 'roles/run.invoker', member },
        under(this),
      );
  }

  /** Source: https://cloud.google.com/functions/docs/securing/build-custom-sa */
  private grantBuilder(source: gcp.storage.Bucket): pulumi.Resource[] {
    const { project, region } = this.naming.settings;
    const { identities, models, platform } = this.args;
    const member = memberOf(identities.builder);
    const onProject = ['roles/logging.logWriter', 'roles/storage.objectViewer'].map(
      (role) =>
        new gcp.projects.IAMMember(
          this.naming.name(`builder-${role.split(/[/.]/)[2]}`),
          { project, role, member },
          under(this, platform.apis),
        ),
    );
    const images = new gcp.artifactregistry.RepositoryIamMember(
      this.naming.name('builder-images'),
      {
        project,
        location: region,
        repository: models.registry.name,
        role: 'roles/artifactregistry.writer',
        member,
      },
      under(this),
    );
    return [...onProject, images, source];
  }
}

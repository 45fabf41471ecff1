/**
 * What everything else stands on: APIs, the service agents that act for Google's services, and their right to use the
 * key. Agents are asked for by name here, because in a new project they come to be only when a service is first used,
 * and a grant to one that is not there yet makes a first deployment fail.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Naming, under } from './naming.ts';

/** APIs of every stack; what a stack may do without is asked for by its settings. */
const APIS = [
  'artifactregistry.googleapis.com',
  'bigquery.googleapis.com',
  'bigqueryconnection.googleapis.com',
  'bigquerystorage.googleapis.com',
  'cloudbuild.googleapis.com',
  'cloudfunctions.googleapis.com',
  'cloudresourcemanager.googleapis.com',
  'cloudscheduler.googleapis.com',
  'cloudtasks.googleapis.com',
  'firestore.googleapis.com',
  'iam.googleapis.com',
  'logging.googleapis.com',
  'monitoring.googleapis.com',
  'pubsub.googleapis.com',
  'run.googleapis.com',
  'secretmanager.googleapis.com',
  'storage.googleapis.com',
];

/** Service agents that grants are given to, by the service they act for. */
const AGENTS = {
  pubsub: 'pubsub.googleapis.com',
  tasks: 'cloudtasks.googleapis.com',
  scheduler: 'cloudscheduler.googleapis.com',
} as const;
/** Those that encrypt and decrypt, beside the agents of Storage and BigQuery, which have addresses of their own. */
const KEY_USERS = {
  functions: 'cloudfunctions.googleapis.com',
  run: 'run.googleapis.com',
  registry: 'artifactregistry.googleapis.com',
  firestore: 'firestore.googleapis.com',
  secrets: 'secretmanager.googleapis.com',
} as const;
type AgentName = keyof typeof AGENTS;

export class Platform extends pulumi.ComponentResource {
  readonly apis: readonly gcp.projects.Service[];
  readonly agents: Readonly<Record<AgentName, gcp.projects.ServiceIdentity>>;
  /** Reads the models' files and image; null: a stack without an endpoint. */
  readonly vertexAgent: gcp.projects.ServiceIdentity | null;
  /** Before anything is encrypted with the key. */
  readonly keyGrants: readonly gcp.kms.CryptoKeyIAMMember[];
  /** What every other part waits for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(naming: Naming, opts?: pulumi.ComponentResourceOptions) {
    super('logweir:infra:Platform', naming.name('platform'), {}, opts);
    const { project, models, budget, kmsKey, api, vpc } = naming.settings;
    const optional = [
      ...(models === 'none' ? [] : ['aiplatform.googleapis.com']),
      ...(budget === undefined ? [] : ['billingbudgets.googleapis.com']),
      ...(kmsKey === undefined ? [] : ['cloudkms.googleapis.com']),
      ...(api.access === 'iap' ? ['compute.googleapis.com', 'iap.googleapis.com'] : []),
      ...(vpc === undefined ? [] : ['vpcaccess.googleapis.com']),
    ];
    this.apis = [...APIS, ...optional].map(
      (service) =>
        new gcp.projects.Service(
          naming.name(service.split('.')[0]!),
          // Others in the project may use it, and a destroyed stack must not take it from them.
          { project, service, disableOnDestroy: false },
          under(this),
        ),
    );
    const identity = (service: string): gcp.projects.ServiceIdentity =>
      new gcp.projects.ServiceIdentity(
        naming.name(`${service.split('.')[0]}-agent`),
        { project, service },
        under(this, this.apis),
      );
    this.agents = {
      pubsub: identity(AGENTS.pubsub),
      tasks: identity(AGENTS.tasks),
      scheduler: identity(AGENTS.scheduler),
    };
    this.vertexAgent = models === 'endpoint' ? identity('aiplatform.googleapis.com') : null;
    this.keyGrants = kmsKey === undefined ? [] : this.grantKey(kmsKey, identity, naming);
    const vertex = this.vertexAgent === null ? [] : [this.vertexAgent];
    this.ready = [...this.apis, ...Object.values(this.agents), ...vertex, ...this.keyGrants];
    this.registerOutputs({});
  }

  private grantKey(
    kmsKey: string,
    identity: (service: string) => gcp.projects.ServiceIdentity,
    naming: Naming,
  ): gcp.kms.CryptoKeyIAMMember[] {
    const { project } = naming.settings;
    const invoke = { parent: this, dependsOn: [...this.apis] };
    const others = Object.entries(KEY_USERS).map(([name, service]): [string, pulumi.Output<string>] => [
      name,
      identity(service).email,
    ]);
    const users: [string, pulumi.Output<string>][] = [
      ['pubsub', this.agents.pubsub.email],
      ['storage', gcp.storage.getProjectServiceAccountOutput({ project }, invoke).emailAddress],
      ['bigquery', gcp.bigquery.getDefaultServiceAccountOutput({ project }, invoke).email],
      ...(this.vertexAgent === null
        ? []
        : [['vertex', this.vertexAgent.email] satisfies [string, pulumi.Output<string>]]),
      ...others,
    ];
    return users.map(
      ([name, email]) =>
        new gcp.kms.CryptoKeyIAMMember(
          naming.name(`key-${name}`),
          {
            cryptoKeyId: kmsKey,
            role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter',
            member: pulumi.interpolate`serviceAccount:${email}`,
          },
          under(this),
        ),
    );
  }
}

/**
 * Which function calls what, and what it may therefore do: one table. A function's grants are made from it
 * (grants.ts), and a test holds it against the code as it is bundled, in both directions: a call without a row fails
 * it, and so does a row without a call.
 */
import type { Choices, FunctionName, ModelPlace } from './config.ts';

/** What a grant is given on. */
export type Target =
  | 'project'
  | 'firestore database'
  | 'timer queue'
  | 'timer identity'
  | 'training identity'
  | 'dataset'
  | 'connection'
  | 'log topic'
  | 'verdict topic'
  | 'endpoint'
  | 'drift function'
  | 'state bucket'
  | 'archive bucket'
  | 'staging bucket'
  | 'model bucket';

export interface Grant {
  /** A role of Google's, or `custom:…` of CUSTOM_ROLES. */
  readonly role: string;
  readonly on: Target;
}

export interface Access {
  /** API that the calls go to. */
  readonly api: string;
  /** What of a function's bundle shows that it makes them: a package, or a piece of code. */
  readonly evidence: RegExp;
  readonly grants: readonly Grant[];
  /** Only where models judge so; without it, in every stack. */
  readonly models?: readonly ModelPlace[];
  /** Only where rows are loaded. */
  readonly rows?: 'load';
}

/** Roles of our own, where Google's smallest would let a function do harm, such as delete the tables it appends to. */
export const CUSTOM_ROLES = {
  rowWriter: {
    title: 'Logweir row writer',
    // Source: https://cloud.google.com/bigquery/docs/write-api#required_permissions
    permissions: ['bigquery.tables.get', 'bigquery.tables.updateData'],
  },
  // Source: https://cloud.google.com/bigquery/docs/create-cloud-storage-table-biglake#required_roles
  delegator: { title: 'Logweir delegator', permissions: ['bigquery.connections.delegate'] },
  listener: {
    title: 'Logweir listener',
    permissions: [
      'pubsub.subscriptions.create',
      'pubsub.subscriptions.consume',
      'pubsub.subscriptions.delete',
    ],
  },
  predictor: { title: 'Logweir predictor', permissions: ['aiplatform.endpoints.predict'] },
} as const;

/** Clients are opened by functions/clients.ts and the warehouse, each loaded when it is: what is not opened is left out. */
const opened = (name: string): RegExp => new RegExp(`import\\(["']${name}["']\\)`);

const ANY_MODELS = ['endpoint', 'process'] as const;

export const ACCESSES = {
  firestore: {
    api: 'firestore.googleapis.com',
    evidence: opened('@google-cloud/firestore'),
    grants: [{ role: 'roles/datastore.user', on: 'firestore database' }],
  },
  timers: {
    api: 'cloudtasks.googleapis.com',
    evidence: /\.createTask\(/,
    grants: [
      { role: 'roles/cloudtasks.enqueuer', on: 'timer queue' },
      // A task carries a token of this identity.
      { role: 'roles/iam.serviceAccountUser', on: 'timer identity' },
    ],
  },
  rows: {
    api: 'bigquerystorage.googleapis.com',
    evidence: opened('@google-cloud/bigquery-storage'),
    grants: [{ role: 'custom:rowWriter', on: 'dataset' }],
  },
  query: {
    api: 'bigquery.googleapis.com',
    evidence: opened('@google-cloud/bigquery'),
    grants: [
      { role: 'roles/bigquery.jobUser', on: 'project' },
      { role: 'roles/bigquery.dataViewer', on: 'dataset' },
    ],
  },
  tables: {
    api: 'bigquery.googleapis.com',
    evidence: /EXPORT DATA OPTIONS/,
    grants: [{ role: 'roles/bigquery.dataEditor', on: 'dataset' }],
  },
  coldTable: {
    api: 'bigqueryconnection.googleapis.com',
    evidence: /WITH CONNECTION/,
    // Who asks the table needs no right to the connection, and none to the bucket.
    grants: [{ role: 'custom:delegator', on: 'connection' }],
  },
  catalogue: {
    api: 'storage.googleapis.com',
    evidence: /openBucket\(\w+, \w+\.patternBucket\)/,
    grants: [{ role: 'roles/storage.objectViewer', on: 'state bucket' }],
  },
  learning: {
    api: 'storage.googleapis.com',
    evidence: /\brelearn\(/,
    grants: [{ role: 'roles/storage.objectUser', on: 'state bucket' }],
  },
  archive: {
    api: 'storage.googleapis.com',
    evidence: /openBucket\(\w+, \w+\.archiveBucket\)/,
    // A query that exports or reads files acts for the one who asks; BigQuery looks at the bucket first.
    grants: [
      { role: 'roles/storage.objectUser', on: 'archive bucket' },
      { role: 'roles/storage.legacyBucketReader', on: 'archive bucket' },
    ],
  },
  staging: {
    api: 'storage.googleapis.com',
    evidence: /\bstagingIn\(/,
    grants: [{ role: 'roles/storage.objectCreator', on: 'staging bucket' }],
    rows: 'load',
  },
  loading: {
    api: 'bigquery.googleapis.com',
    evidence: /sourceFormat: ["']AVRO/,
    // A load job reads files for the one who asks; BigQuery looks at the bucket first.
    grants: [
      { role: 'roles/bigquery.dataEditor', on: 'dataset' },
      { role: 'roles/storage.objectUser', on: 'staging bucket' },
      { role: 'roles/storage.legacyBucketReader', on: 'staging bucket' },
    ],
  },
  modelFiles: {
    api: 'storage.googleapis.com',
    evidence: /openBucket\(\w+, modelBucket\)/,
    grants: [{ role: 'roles/storage.objectUser', on: 'model bucket' }],
    models: ANY_MODELS,
  },
  modelSets: {
    api: 'storage.googleapis.com',
    evidence: /openBucket\(\w+, \w+\.modelBucket\)/,
    grants: [{ role: 'roles/storage.objectViewer', on: 'model bucket' }],
    models: ['process'],
  },
  verdicts: {
    api: 'pubsub.googleapis.com',
    evidence: /openTopic\(\w+, verdictTopic\)/,
    grants: [{ role: 'roles/pubsub.publisher', on: 'verdict topic' }],
  },
  tail: {
    api: 'pubsub.googleapis.com',
    evidence: /\.createSubscription\(/,
    // A subscription is made in the project, and Pub/Sub's names are nothing that a condition could look at.
    // Source: https://cloud.google.com/iam/docs/conditions-resource-attributes
    grants: [
      { role: 'custom:listener', on: 'project' },
      { role: 'roles/pubsub.subscriber', on: 'log topic' },
    ],
  },
  republishing: {
    api: 'pubsub.googleapis.com',
    evidence: /openTopic\(\w+, topicName\)/,
    grants: [{ role: 'roles/pubsub.publisher', on: 'log topic' }],
  },
  predictions: {
    api: 'aiplatform.googleapis.com',
    evidence: /:predict`/,
    grants: [{ role: 'custom:predictor', on: 'endpoint' }],
    models: ['endpoint'],
  },
  modelKeeping: {
    api: 'run.googleapis.com',
    evidence: /\.getIdTokenClient\(/,
    grants: [{ role: 'roles/run.invoker', on: 'drift function' }],
    models: ANY_MODELS,
  },
  retraining: {
    api: 'aiplatform.googleapis.com',
    evidence: /\/customJobs`/,
    grants: [
      { role: 'roles/aiplatform.user', on: 'project' },
      { role: 'roles/iam.serviceAccountUser', on: 'training identity' },
    ],
    models: ANY_MODELS,
  },
} as const satisfies Record<string, Access>;

export type AccessName = keyof typeof ACCESSES;

/** The table. */
export const CALLS: Readonly<Record<FunctionName, readonly AccessName[]>> = {
  parse: ['firestore', 'timers', 'rows', 'catalogue', 'staging'],
  close: ['firestore', 'rows', 'verdicts', 'predictions', 'modelSets'],
  sweep: ['firestore', 'timers'],
  learn: ['query', 'rows', 'catalogue', 'learning', 'predictions', 'modelSets'],
  drift: ['query', 'rows', 'modelFiles', 'retraining'],
  load: ['query', 'rows', 'loading'],
  tier: ['query', 'tables', 'coldTable', 'archive'],
  alert: ['firestore', 'query', 'rows'],
  remind: ['firestore', 'query', 'rows'],
  api: ['firestore', 'query', 'rows', 'catalogue', 'tail', 'republishing', 'modelKeeping'],
};

/** What a function calls in a stack that has chosen so. */
export const accessesOf = (name: FunctionName, { models, rows }: Choices): readonly AccessName[] =>
  CALLS[name].filter((access) => {
    const { models: places, rows: how }: Access = ACCESSES[access];
    const isJudging = places === undefined || (models !== 'none' && places.includes(models));
    return isJudging && (how === undefined || how === rows);
  });

/** What a function is granted there. */
export const grantsOf = (name: FunctionName, choices: Choices): readonly Grant[] =>
  accessesOf(name, choices).flatMap((access): readonly Grant[] => ACCESSES[access].grants);

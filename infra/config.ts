/**
 * What a stack may set, in one typed table: `logweir:settings` of Pulumi.<stack>.yaml, an object, and the secrets, which
 * are keys of their own because Pulumi encrypts them one by one. Everything wrong is said at once, with what is allowed,
 * before anything is made.
 */
import { z } from 'zod';
import { loadConfig, SETTINGS } from '../functions/config.ts';
import { CLASS_DAYS, type ColdClass } from './archive-rules.ts';
import { importSource } from './import-source.ts';

/** Regions that have all services used here; others may work, and are refused until somebody has looked. */
export const REGIONS = [
  'us-central1',
  'us-east1',
  'us-east4',
  'us-west1',
  'northamerica-northeast1',
  'europe-west1',
  'europe-west2',
  'europe-west3',
  'europe-west4',
  'asia-east1',
  'asia-northeast1',
  'asia-south1',
  'asia-southeast1',
  'australia-southeast1',
] as const;

/** Functions that may be kept warm or bounded by a stack. */
export const FUNCTION_NAMES = [
  'parse',
  'close',
  'sweep',
  'learn',
  'drift',
  'load',
  'tier',
  'alert',
  'remind',
  'api',
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

const member = z
  .string()
  .regex(/^(user|group|serviceAccount|domain):[^\s]+$/, 'user:…, group:…, serviceAccount:… or domain:…');
const kmsKey = z
  .string()
  .regex(
    /^projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s]+$/,
    'projects/…/locations/…/keyRings/…/cryptoKeys/…',
  );
const label = z.string().regex(/^[a-z0-9_-]{1,63}$/, 'lower-case letters, digits, _ and -, at most 63');
const instances = z.strictObject({
  min: z.int().min(0).max(100).optional(),
  max: z.int().min(1).max(1000).optional(),
});

const shape = z.strictObject({
  environment: z.enum(['dev', 'prod']),
  project: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'the id of a Google Cloud project'),
  region: z.enum(REGIONS),
  /** Before the names of all resources, so that two stacks may share a project. */
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,14}$/, 'two to fifteen lower-case letters, digits and -')
    .default('logweir'),
  costOwner: label,
  labels: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/), label).default({}),
  /** Who may ask the views, hot and cold. */
  analysts: z.array(member).default([]),
  /** Who may open the page and call the API; what they may there, the setting LOGWEIR_API_MEMBERS says. */
  viewers: z.array(member).default([]),
  /**
   * How they reach it (front.ts): `iam`, by Google's tokens at its own address; `iap`, by logging in at a domain of yours,
   * behind a load balancer; `internal`, from the project's network alone.
   */
  api: z
    .discriminatedUnion('access', [
      z.strictObject({ access: z.literal('iam') }),
      z.strictObject({ access: z.literal('internal') }),
      z.strictObject({
        access: z.literal('iap'),
        domain: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'a domain such as logs.example.com'),
      }),
    ])
    .default({ access: 'iam' }),
  /**
   * Within a perimeter of VPC Service Controls: a Serverless VPC Access connector that all calls of the functions go
   * through, and a private pool of Cloud Build that builds them. Slack and the mail relay then need Cloud NAT.
   */
  vpc: z
    .strictObject({
      connector: z
        .string()
        .regex(
          /^projects\/[^/]+\/locations\/[^/]+\/connectors\/[^/]+$/,
          'projects/P/locations/L/connectors/C',
        ),
      buildPool: z
        .string()
        .regex(
          /^projects\/[^/]+\/locations\/[^/]+\/workerPools\/[^/]+$/,
          'projects/P/locations/L/workerPools/W',
        )
        .optional(),
    })
    .optional(),
  /** Who may publish logs. */
  publishers: z.array(member).default([]),
  /** Where the operators of the pipeline itself get mail. */
  operators: z.array(z.email()).default([]),
  /** Key that everything stored is encrypted with; in the region of the stack. */
  kmsKey: kmsKey.optional(),
  /**
   * Nobody, not the owner either, can delete or replace an object of the archive bucket before so many days; with `lock`
   * for good. That holds for the cold tier too: `logweir forget`, and a second part of a cold day, wait so long.
   */
  retentionLock: z.strictObject({ days: z.int().min(1).max(3650), lock: z.boolean() }).optional(),
  /** What of the archive's lifecycle is other than the functions' LOGWEIR_RETENTION has it (archive-rules.ts). */
  archive: z
    .strictObject({
      rawDays: z.int().min(1).max(3650).optional(),
      coldClass: z.enum(Object.keys(CLASS_DAYS) as [ColdClass, ...ColdClass[]]).optional(),
    })
    .default({}),
  /** Instances by function; what is not named keeps the plan of functions.ts. */
  instances: z.partialRecord(z.enum(FUNCTION_NAMES), instances).default({}),
  /**
   * How log entries reach BigQuery: `stream`, within a second, charged by the GiB; `load`, by files and free load jobs, a
   * minute or two later. Without it they are streamed; a stack that loaded once says `stream` until its files are loaded.
   */
  rows: z.enum(['stream', 'load']).optional(),
  /** Attempts before Pub/Sub gives a message up to the dead-letter topic. */
  maxDeliveryAttempts: z.int().min(5).max(100).default(20),
  /** Kafka and the like that Pub/Sub imports into the topic of logs (import-source.ts). */
  importFrom: importSource.optional(),
  /**
   * Where models judge (README.md, "Models"): `endpoint`, or true, behind a Vertex AI endpoint, which costs about one small
   * machine around the clock; `process`, in the functions close and learn themselves; `none`, or false: rules and
   * baselines judge alone.
   */
  models: z.preprocess(
    (value) => (value === true ? 'endpoint' : value === false ? 'none' : value),
    z.enum(['endpoint', 'process', 'none']).default('none'),
  ),
  /**
   * The repository's models on the endpoint: an image of models/serving that `images/cloudbuild.yaml` built, bounds of
   * machines, and the percent of requests that a new version gets beside what serves. Without it somebody else deploys.
   */
  serving: z
    .strictObject({
      image: z
        .string()
        .regex(
          /^[a-z0-9-]+-docker\.pkg\.dev\/[\w./-]+(:[\w.-]+|@sha256:[0-9a-f]{64})$/,
          '…-docker.pkg.dev/…:TAG',
        ),
      machineType: z.string().default('n1-standard-2'),
      minReplicas: z.int().min(1).max(100).default(1),
      maxReplicas: z.int().min(1).max(100).default(2),
      trafficPercent: z.int().min(1).max(100).default(100),
    })
    .optional(),
  /** Data access of BigQuery, Storage and Secret Manager is recorded; it is charged as logs are. */
  auditDataAccess: z.boolean().default(false),
  budget: z
    .strictObject({
      billingAccount: z.string().regex(/^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/, 'XXXXXX-XXXXXX-XXXXXX'),
      usdPerMonth: z.int().min(1),
    })
    .optional(),
  /** Settings of the functions (`npx logweir settings`) that differ from their defaults, by their LOGWEIR_… names. */
  functions: z.record(z.string(), z.string()).default({}),
});

/** What a stack sets. */
export type InfraSettings = Readonly<z.infer<typeof shape>>;
export type Models = InfraSettings['models'];
/** What decides on what functions do, and so on what they may do. */
export type Choices = Pick<InfraSettings, 'models' | 'rows'>;
/** Where models judge, in a stack that has any. */
export type ModelPlace = Exclude<Models, 'none'>;

/** Secrets that a stack may have, by their key in the stack's configuration, with the functions that read them. */
export const SECRETS = {
  redactKey: { env: 'LOGWEIR_REDACT_KEY', readers: ['parse', 'alert', 'remind', 'api'] },
  apiKey: { env: 'LOGWEIR_API_KEY', readers: ['api'] },
  slackSigningSecret: { env: 'LOGWEIR_SLACK_SIGNING_SECRET', readers: ['api'] },
  slackToken: { env: 'LOGWEIR_SLACK_TOKEN', readers: ['alert', 'remind'] },
  slackWebhook: { env: 'LOGWEIR_SLACK_WEBHOOK', readers: ['alert', 'remind'] },
  smtpUrl: { env: 'LOGWEIR_SMTP_URL', readers: ['alert', 'remind'] },
  webhookUrl: { env: 'LOGWEIR_WEBHOOK_URL', readers: ['alert', 'remind'] },
  webhookSecret: { env: 'LOGWEIR_WEBHOOK_SECRET', readers: ['alert', 'remind'] },
  pagerdutyKey: { env: 'LOGWEIR_PAGERDUTY_KEY', readers: ['alert', 'remind'] },
  jiraToken: { env: 'LOGWEIR_JIRA_TOKEN', readers: ['alert', 'remind'] },
} as const satisfies Record<string, { env: string; readers: readonly FunctionName[] }>;
export type SecretName = keyof typeof SECRETS;

/** Settings that the program itself gives to the functions. */
const OWN: ReadonlySet<string> = new Set([
  SETTINGS.project.env,
  SETTINGS.location.env,
  SETTINGS.dataset.env,
  SETTINGS.firestoreDatabase.env,
  SETTINGS.timerQueue.env,
  SETTINGS.closeUrl.env,
  SETTINGS.closeIdentity.env,
  SETTINGS.patternBucket.env,
  SETTINGS.archiveBucket.env,
  SETTINGS.logRows.env,
  SETTINGS.stagingBucket.env,
  SETTINGS.coldConnection.env,
  SETTINGS.modelBucket.env,
  SETTINGS.models.env,
  SETTINGS.verdictTopic.env,
  SETTINGS.logTopic.env,
  SETTINGS.driftUrl.env,
  SETTINGS.modelEndpoint.env,
  SETTINGS.trainingIdentity.env,
]);
const SECRET_ENVS: ReadonlySet<string> = new Set(Object.values(SECRETS).map(({ env }) => env));

/** Says everything that is wrong with a stack's settings. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Reads `logweir:settings`. Throws SettingsError with every problem: field, value, what is allowed. */
export function readSettings(value: unknown): InfraSettings {
  const parsed = shape.safeParse(value, { reportInput: true });
  if (!parsed.success)
    throw new SettingsError(`logweir:settings\n${parsed.error.issues.map(said).join('\n')}`);
  const problems = [...functionProblems(parsed.data.functions), ...togetherProblems(parsed.data)];
  if (problems.length > 0) throw new SettingsError(`logweir:settings\n${problems.join('\n')}`);
  return parsed.data;
}

function said(issue: z.core.$ZodIssue): string {
  const at = issue.path.length === 0 ? 'the whole' : issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const allowed = issue.path.length === 0 ? `; allowed: ${Object.keys(shape.shape).join(', ')}` : '';
    return `${at}: ${issue.keys.join(', ')} is no setting${allowed}`;
  }
  const value = issue.input === undefined ? 'is not set' : `${JSON.stringify(issue.input)} is not valid`;
  return `${at}: ${value}; ${issue.message}`;
}

/** The functions' own table checks what is theirs. */
function functionProblems(functions: Readonly<Record<string, string>>): string[] {
  const taken = Object.keys(functions).filter((key) => OWN.has(key));
  const secret = Object.keys(functions).filter((key) => SECRET_ENVS.has(key));
  const problems = [
    ...taken.map((key) => `functions.${key}: the program sets it`),
    ...secret.map((key) => `functions.${key}: a secret; use "pulumi config set --secret"`),
  ];
  try {
    loadConfig({
      LOGWEIR_PROJECT: 'any',
      LOGWEIR_CLOSE_URL: 'https://close',
      ...Object.fromEntries(Object.entries(functions).filter(([key]) => !OWN.has(key))),
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    problems.push(...error.message.split('\n').map((line) => `functions.${line}`));
  }
  return problems;
}

/** What is allowed alone, and not together. */
function togetherProblems(settings: InfraSettings): string[] {
  const { instances: bounds, kmsKey: key, region, environment, operators, models, serving } = settings;
  const problems: string[] = [];
  if (serving !== undefined && models !== 'endpoint') problems.push('serving: needs models: endpoint');
  if (serving !== undefined && serving.minReplicas > serving.maxReplicas)
    problems.push(
      `serving: minReplicas ${serving.minReplicas} is more than maxReplicas ${serving.maxReplicas}`,
    );
  for (const [name, one] of Object.entries(bounds))
    if ((one?.min ?? 0) > (one?.max ?? 1000))
      problems.push(`instances.${name}: min ${one?.min} is more than max ${one?.max}`);
  const { archive, retentionLock } = settings;
  if (archive.rawDays !== undefined && retentionLock !== undefined && archive.rawDays < retentionLock.days)
    problems.push(
      `archive.rawDays: ${archive.rawDays} is less than retentionLock.days ${retentionLock.days}, before which nothing is deleted`,
    );
  const own = `${settings.project}-${settings.prefix}-`;
  if (settings.importFrom?.source === 'cloudStorage' && settings.importFrom.bucket.startsWith(own))
    problems.push(
      `importFrom.bucket: ${settings.importFrom.bucket} is the stack's own: it would read what it writes`,
    );
  const place = key?.split('/')[3];
  if (place !== undefined && place !== region)
    problems.push(`kmsKey: lies in ${place}; allowed: a key in ${region}, the region of the stack`);
  if (environment === 'prod' && operators.length === 0)
    problems.push('operators: empty; a prod stack needs somebody who hears of its troubles');
  return problems;
}

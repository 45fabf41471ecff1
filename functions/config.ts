/**
 * Every setting of the functions in one table: environment variable, default, unit, what is allowed, meaning.
 * `logweir settings` and the README print from it; `loadConfig` refuses an unknown or malformed setting with its
 * name, its value and what is allowed. A laptop differs from the cloud by the endpoint settings alone.
 * (Google's clients read PUBSUB_EMULATOR_HOST, FIRESTORE_EMULATOR_HOST and STORAGE_EMULATOR_HOST themselves.)
 */
import { ALERT_SETTINGS } from './alert/settings.ts';
import { ownRules } from './parse/redact/own-rules.ts';
import { DEFAULT_RULES, RULE_NAMES } from './parse/redact/rules.ts';
import { FORMAT_NAMES } from './parse/text/format-names.ts';
import {
  bytes,
  choice,
  duration,
  hostPort,
  httpUrl,
  image,
  type Kind,
  name,
  named,
  number,
  optional,
  pairs,
  policyTag,
  secret,
} from './setting-kinds.ts';

export interface Setting<T> {
  /** Name of the environment variable; all start with LOGWEIR_. */
  readonly env: string;
  /** Default, as one would write it in the environment; none: the setting is required. */
  readonly default?: string;
  readonly kind: Kind<T>;
  readonly meaning: string;
}

const setting = <T>(env: string, kind: Kind<T>, fallback: string | undefined, meaning: string): Setting<T> =>
  fallback === undefined ? { env, kind, meaning } : { env, kind, default: fallback, meaning };

export const SETTINGS = {
  project: setting('LOGWEIR_PROJECT', name, undefined, 'Google Cloud project'),
  location: setting(
    'LOGWEIR_LOCATION',
    name,
    'us-central1',
    'region of the Cloud Tasks queue and of the Vertex AI endpoint',
  ),
  dataset: setting('LOGWEIR_DATASET', name, 'logweir', 'BigQuery dataset'),
  firestoreDatabase: setting(
    'LOGWEIR_FIRESTORE_DATABASE',
    name,
    '(default)',
    'Firestore database of the window state',
  ),
  timerQueue: setting('LOGWEIR_TIMER_QUEUE', name, 'window-timers', 'Cloud Tasks queue of the window timers'),
  closeUrl: setting('LOGWEIR_CLOSE_URL', httpUrl, undefined, 'URL of the close function, which timers call'),
  closeIdentity: setting(
    'LOGWEIR_CLOSE_IDENTITY',
    optional(name),
    '',
    'service account e-mail whose OIDC token timers carry; empty: none',
  ),
  bigqueryWriteEndpoint: setting(
    'LOGWEIR_BIGQUERY_WRITE_ENDPOINT',
    optional(hostPort),
    '',
    'Storage Write API in plain text; empty: Google, with TLS',
  ),
  tasksEndpoint: setting(
    'LOGWEIR_TASKS_ENDPOINT',
    optional(hostPort),
    '',
    'Cloud Tasks REST in plain text; empty: Google, with TLS',
  ),

  jobs: setting(
    'LOGWEIR_JOBS',
    choice('service_health', 'error_counts'),
    'service_health',
    'jobs that run on every batch',
  ),
  windowSizeMs: setting(
    'LOGWEIR_WINDOW_SIZE',
    duration(1000, 86_400_000),
    '10s',
    'size of the tumbling event-time windows',
  ),
  outOfOrdernessMs: setting(
    'LOGWEIR_OUT_OF_ORDERNESS',
    duration(0, 3_600_000),
    '5s',
    'how long a window waits after its end: watermark = now − this',
  ),
  allowedLatenessMs: setting(
    'LOGWEIR_ALLOWED_LATENESS',
    duration(0, 604_800_000),
    '1h',
    'how long after its end a window takes entries, firing again; later ones go to late_entries',
  ),
  redeliveryMs: setting(
    'LOGWEIR_REDELIVERY',
    duration(600_000, 2_678_400_000),
    '7d',
    'longest time after which Pub/Sub may deliver again; partials are kept for the lateness and this, then the window is sealed',
  ),
  tickMs: setting(
    'LOGWEIR_TICK',
    duration(1000, 60_000),
    '10s',
    'late data makes a window fire again at the next multiple of this',
  ),
  timerMarginMs: setting(
    'LOGWEIR_TIMER_MARGIN',
    duration(100, 30_000),
    '2s',
    'a timer is asked for at least this far ahead; more than the clocks of two instances differ by',
  ),

  maxUnpackedBytes: setting(
    'LOGWEIR_MAX_UNPACKED',
    bytes(1024, 536_870_912),
    '64MiB',
    'largest size a message may unpack to; more is a dead letter',
  ),
  maxRecordBytes: setting(
    'LOGWEIR_MAX_RECORD',
    bytes(1024, 8_388_608),
    '1MiB',
    'largest single record; more is a dead letter',
  ),
  maxDepth: setting(
    'LOGWEIR_MAX_DEPTH',
    number(1, 500),
    '100',
    'deepest nesting of a JSON record; deeper is a dead letter',
  ),
  maxFutureMs: setting(
    'LOGWEIR_MAX_FUTURE',
    duration(0, 2_419_200_000),
    '1d',
    'how far after its publish time an entry may claim to be; beyond, the publish time counts (Cloud Tasks holds a timer for 30 days)',
  ),
  slowMs: setting(
    'LOGWEIR_SLOW',
    duration(1, 3_600_000),
    '3s',
    'an entry that tells a longer latency is marked as anomalous',
  ),
  formats: setting(
    'LOGWEIR_FORMATS',
    pairs(...FORMAT_NAMES),
    '',
    'format of the text lines of a service, where recognising it goes wrong: checkout=logfmt,legacy=text',
  ),

  patternBucket: setting(
    'LOGWEIR_PATTERN_BUCKET',
    optional(name),
    '',
    'bucket of the learned catalogue of patterns; empty: patterns by the shapes of their words alone',
  ),
  patternRefreshMs: setting(
    'LOGWEIR_PATTERN_REFRESH',
    duration(1000, 86_400_000),
    '5m',
    'how often an instance looks for a newer catalogue',
  ),
  bigqueryEndpoint: setting(
    'LOGWEIR_BIGQUERY_ENDPOINT',
    optional(httpUrl),
    '',
    'BigQuery REST API; empty: Google',
  ),

  archiveBucket: setting(
    'LOGWEIR_ARCHIVE_BUCKET',
    optional(name),
    '',
    'bucket of the raw archive and of the cold tier; empty: neither is read or written by functions',
  ),
  tierAfterMs: setting(
    'LOGWEIR_TIER_AFTER',
    duration(86_400_000, 315_360_000_000),
    '30d',
    'age at which the days of log_entries move from BigQuery to Parquet in the archive bucket',
  ),
  archiveKeepMs: setting(
    'LOGWEIR_RETENTION',
    duration(86_400_000, 315_360_000_000),
    '400d',
    'age at which raw messages and cold log entries are deleted from the archive bucket',
  ),
  serviceRetention: setting(
    'LOGWEIR_SERVICE_RETENTION',
    named(duration(86_400_000, 315_360_000_000)),
    '',
    'services (* is any text, the first that fits counts) whose log entries are deleted earlier, hot and cold; raw messages, which mix services, stay: debug-*=7d,batch=30d',
  ),
  tableExpirationMs: setting(
    'LOGWEIR_TABLE_EXPIRATION',
    named(duration(86_400_000, 315_360_000_000)),
    '',
    'age at which partitions of tables are deleted, by table: service_windows=400d,dead_letters=90d; a table that is not named keeps all, and log_entries should keep longer than LOGWEIR_TIER_AFTER',
  ),
  policyTag: setting(
    'LOGWEIR_POLICY_TAG',
    optional(policyTag),
    '',
    'policy tag of the columns that hold personal data: who may not read it may not read them; empty: none is set',
  ),

  modelEndpoint: setting(
    'LOGWEIR_MODEL_ENDPOINT',
    optional(name),
    '',
    'id of the Vertex AI endpoint of the models; empty: rules and baselines judge alone',
  ),
  vertexEndpoint: setting(
    'LOGWEIR_VERTEX_ENDPOINT',
    optional(httpUrl),
    '',
    'Vertex AI REST API without credentials; empty: Google',
  ),
  modelDeadlineMs: setting(
    'LOGWEIR_MODEL_DEADLINE',
    duration(10, 30_000),
    '2s',
    'how long the models may take; then rules and baselines judge',
  ),
  verdictTopic: setting(
    'LOGWEIR_VERDICT_TOPIC',
    optional(name),
    '',
    'Pub/Sub topic of the verdicts that are not ok, and of those after them; empty: nobody is told',
  ),
  latencyZ: setting(
    'LOGWEIR_LATENCY_Z',
    number(1, 100),
    '3',
    'deviations of the mean latency from its sliding baseline beyond which it is unusual',
  ),
  errorRatio: setting(
    'LOGWEIR_ERROR_RATIO',
    number(1, 1000),
    '5',
    'an error rate is too high above so many times the usual one …',
  ),
  errorPercent: setting('LOGWEIR_ERROR_PERCENT', number(0, 100), '10', '… and above so many percent …'),
  minErrors: setting('LOGWEIR_MIN_ERRORS', number(1, 1_000_000), '3', '… with at least so many errors'),
  silenceMs: setting(
    'LOGWEIR_SILENCE',
    duration(1000, 86_400_000),
    '1m',
    'a service that says nothing for so long is silent, where twenty entries or more were usual',
  ),
  degradationWindows: setting(
    'LOGWEIR_DEGRADATION_WINDOWS',
    number(2, 100),
    '3',
    'consecutive windows with several weak signs of trouble that make a degradation',
  ),
  recoveryMs: setting(
    'LOGWEIR_RECOVERY',
    duration(0, 86_400_000),
    '5m',
    'how long after a verdict that was not ok those that are ok are published too',
  ),

  ...ALERT_SETTINGS,

  modelBucket: setting(
    'LOGWEIR_MODEL_BUCKET',
    optional(name),
    '',
    'bucket of the models, of what they learned from, and of the state of retraining',
  ),
  trainingImage: setting(
    'LOGWEIR_TRAINING_IMAGE',
    optional(image),
    '',
    'container that trains; empty: drift is reported, and nothing is trained',
  ),
  servingImage: setting(
    'LOGWEIR_SERVING_IMAGE',
    image,
    'logweir-serving',
    'container that serves models (models/serving/Dockerfile)',
  ),
  trainingIdentity: setting(
    'LOGWEIR_TRAINING_IDENTITY',
    optional(name),
    '',
    'service account e-mail of training jobs; empty: the default of Vertex AI',
  ),
  retrainCoolDownMs: setting(
    'LOGWEIR_RETRAIN_COOL_DOWN',
    duration(60_000, 31_536_000_000),
    '1d',
    'least time between the starts of two trainings',
  ),
  canaryMs: setting(
    'LOGWEIR_CANARY',
    duration(1000, 604_800_000),
    '30m',
    'how long new models judge a tenth of the windows before they judge all',
  ),
  feedbackRows: setting(
    'LOGWEIR_RETRAIN_FEEDBACK',
    number(1, 1_000_000),
    '20',
    'windows labelled by people since the last training that make another',
  ),

  redactRules: setting(
    'LOGWEIR_REDACT',
    choice('off', ...RULE_NAMES),
    DEFAULT_RULES.join(','),
    'what is redacted before anything is stored',
  ),
  redactKey: setting(
    'LOGWEIR_REDACT_KEY',
    secret(16),
    '',
    'redacted values become a hash with this key, so that equal values still join; empty: no hash',
  ),
  redactOwn: setting(
    'LOGWEIR_REDACT_OWN',
    ownRules,
    '',
    'further rules of redaction: {"employee":"EMP-[0-9]{6}"}',
  ),
} as const;

type Settings = typeof SETTINGS;

/** The settings, parsed: durations in ms, sizes in bytes. */
export type Config = { readonly [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never };

/** Says of every wrong setting its name, its value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the settings from an environment. Throws ConfigError that lists everything wrong at once. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems = unknownSettings(env);
  const config: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(SETTINGS) as [string, Setting<unknown>][]) {
    const text = env[one.env] ?? one.default;
    if (text === undefined) {
      problems.push(`${one.env} is not set: ${one.meaning}; allowed: ${one.kind.allowed}`);
      continue;
    }
    const value = one.kind.parse(text);
    const shown = one.kind.secret ? '…' : text;
    if (value === undefined)
      problems.push(`${one.env}="${shown}" is not valid: ${one.meaning}; allowed: ${one.kind.allowed}`);
    config[key] = value;
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config as unknown as Config;
}

function unknownSettings(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set<string>(Object.values(SETTINGS).map((one) => one.env));
  return Object.keys(env)
    .filter((key) => key.startsWith('LOGWEIR_') && !known.has(key))
    .map((key) => `${key} is not a setting; allowed: ${[...known].join(', ')}`);
}

/** The table as Markdown: what the README and `logweir settings` show. */
export function settingsTable(): string {
  const rows = (Object.values(SETTINGS) as Setting<unknown>[]).map(
    (one) =>
      `| \`${one.env}\` | ${one.default === undefined ? 'required' : one.default === '' ? '' : `\`${one.default}\``} | ${one.kind.allowed} | ${one.meaning} |`,
  );
  return ['| setting | default | allowed | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

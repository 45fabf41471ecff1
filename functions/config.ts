/**
 * Every setting of the functions in one table: environment variable, default, unit, what is allowed, meaning.
 * `logweir settings` and functions/README.md print from it; `loadConfig` refuses an unknown or malformed setting with its
 * name, its value and what is allowed. A laptop differs from the cloud by the endpoint settings alone.
 * (Google's clients read PUBSUB_EMULATOR_HOST, FIRESTORE_EMULATOR_HOST and STORAGE_EMULATOR_HOST themselves.)
 */
import { ALERT_SETTINGS } from './alert/settings.ts';
import { API_SETTINGS } from './api/settings.ts';
import { ARCHIVE_SETTINGS } from './archive/settings.ts';
import { DETECT_SETTINGS } from './detect/settings.ts';
import { LOAD_SETTINGS } from './load/settings.ts';
import { PARSE_SETTINGS } from './parse/settings.ts';
import { hostPort, httpUrl, name, optional, type Setting, setting } from './setting-kinds.ts';
import { WINDOW_SETTINGS } from './window/settings.ts';

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
  bigqueryEndpoint: setting(
    'LOGWEIR_BIGQUERY_ENDPOINT',
    optional(httpUrl),
    '',
    'BigQuery REST API; empty: Google',
  ),

  ...WINDOW_SETTINGS,
  ...PARSE_SETTINGS,
  ...LOAD_SETTINGS,
  ...ARCHIVE_SETTINGS,
  ...DETECT_SETTINGS,
  ...ALERT_SETTINGS,
  ...API_SETTINGS,
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

/** The table as Markdown: what functions/README.md and `logweir settings` show. */
export function settingsTable(): string {
  const rows = (Object.values(SETTINGS) as Setting<unknown>[]).map(
    (one) =>
      `| \`${one.env}\` | ${one.default === undefined ? 'required' : one.default === '' ? '' : `\`${one.default}\``} | ${one.kind.allowed} | ${one.meaning} |`,
  );
  return ['| setting | default | allowed | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

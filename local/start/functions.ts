/** The functions of the laptop cloud: bundled as a deployment does, told where everything is, called on schedule. */
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LAPTOP } from '../alerts/service.ts';
import { apiKey } from '../api-key.ts';
import { type Endpoints, STAGING_BUCKET } from '../endpoints.ts';
import { writeFunctionEnv } from '../function-env.ts';
import { wallTimers } from '../timers.ts';
import { bundleFunctions } from './bundle.ts';
import type { Ports } from './ports.ts';
import { logFile, SupervisedProcess } from './process.ts';
import { hasStagedRows } from './resources.ts';
import { callEvery } from './schedule.ts';

const FRAMEWORK = fileURLToPath(
  new URL('../../node_modules/@google-cloud/functions-framework/build/src/main.js', import.meta.url),
);

/** As the deployment's Cloud Scheduler jobs do. */
const SWEEP_MS = 60_000;
const REMIND_MS = 60_000;
const LOAD_MS = 60_000;
const LEARN_MS = 300_000;
/** Once a day in the cloud, at night; a laptop may be off then. */
const TIER_MS = 3_600_000;
const FIRST_TIER_MS = 60_000;
const DRIFT_MS = 600_000;
/** By then there are windows enough to compare. */
const FIRST_DRIFT_MS = 300_000;

export interface FunctionOptions {
  readonly ports: Ports;
  /** Settings of the functions beside the endpoints: `LOGWEIR_…` variables. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told of every line that a function says. */
  readonly onLine?: (name: string, line: string) => void;
}

/** Starts the functions, each in a process of its own, and what calls them on schedule; `undo` gets how each is stopped. */
export async function startFunctions(
  endpoints: Endpoints,
  dataDir: string,
  options: FunctionOptions,
  undo: (() => Promise<void>)[],
) {
  const source = await bundleFunctions();
  undo.push(() => rm(source, { recursive: true, force: true }));
  const env = {
    ...functionEnv(endpoints),
    LOGWEIR_API_KEY: await apiKey(dataDir),
    ...options.settings,
  };
  await writeFunctionEnv(dataDir, env);
  const start = async (
    name: 'parse' | 'close' | 'sweep' | 'learn' | 'load' | 'tier' | 'drift' | 'alert' | 'remind' | 'api',
    signature: 'cloudevent' | 'http',
  ): Promise<SupervisedProcess> => {
    const port = options.ports[name === 'api' ? 'page' : name];
    const started = await SupervisedProcess.start({
      name,
      args: [
        FRAMEWORK,
        `--target=${name}`,
        `--source=${source}`,
        `--port=${port}`,
        `--signature-type=${signature}`,
      ],
      env: { ...env, FUNCTION_TARGET: name },
      ports: [port],
      logFile: logFile(dataDir, name),
      onLine: (line) => options.onLine?.(name, line),
    });
    undo.push(() => started.stop());
    return started;
  };
  const logRows = options.settings?.LOGWEIR_LOG_ROWS ?? process.env.LOGWEIR_LOG_ROWS;
  const loads = logRows === 'load' || (await hasStagedRows(endpoints));
  const [parse, close, sweep, learn, tier, drift, alert, remind, api, load] = await Promise.all([
    start('parse', 'cloudevent'),
    start('close', 'http'),
    start('sweep', 'http'),
    start('learn', 'http'),
    start('tier', 'http'),
    start('drift', 'http'),
    start('alert', 'cloudevent'),
    start('remind', 'http'),
    start('api', 'http'),
    loads ? start('load', 'http') : null,
  ]);
  undo.push(callEvery(SWEEP_MS, endpoints.sweep, wallTimers));
  undo.push(callEvery(LEARN_MS, endpoints.learn, wallTimers));
  undo.push(callEvery(TIER_MS, endpoints.tier, wallTimers, FIRST_TIER_MS));
  undo.push(callEvery(REMIND_MS, endpoints.remind, wallTimers));
  undo.push(callEvery(DRIFT_MS, endpoints.drift, wallTimers, FIRST_DRIFT_MS));
  const functions = { parse, close, sweep, learn, tier, drift, alert, remind, api };
  if (load === null) return functions;
  undo.push(callEvery(LOAD_MS, `http://127.0.0.1:${options.ports.load}`, wallTimers));
  return { ...functions, load };
}

/** What makes the functions talk to the laptop instead of Google: endpoints alone. */
export function functionEnv(endpoints: Endpoints): Record<string, string> {
  return {
    NODE_ENV: 'production',
    METADATA_SERVER_DETECTION: 'none',
    FIRESTORE_EMULATOR_HOST: endpoints.firestore,
    STORAGE_EMULATOR_HOST: endpoints.storage,
    PUBSUB_EMULATOR_HOST: endpoints.pubsub,
    LOGWEIR_PROJECT: endpoints.projectId,
    LOGWEIR_DATASET: endpoints.dataset,
    LOGWEIR_CLOSE_URL: endpoints.close,
    LOGWEIR_PATTERN_BUCKET: endpoints.stateBucket,
    LOGWEIR_ARCHIVE_BUCKET: endpoints.archiveBucket,
    LOGWEIR_STAGING_BUCKET: STAGING_BUCKET,
    LOGWEIR_BIGQUERY_ENDPOINT: endpoints.bigquery,
    LOGWEIR_BIGQUERY_WRITE_ENDPOINT: endpoints.bigqueryWrite,
    LOGWEIR_VERTEX_ENDPOINT: endpoints.vertex,
    LOGWEIR_MODEL_ENDPOINT: endpoints.modelEndpoint,
    LOGWEIR_MODEL_BUCKET: endpoints.stateBucket,
    LOGWEIR_TRAINING_IMAGE: 'logweir-training',
    LOGWEIR_VERDICT_TOPIC: endpoints.verdictTopic,
    LOGWEIR_LOG_TOPIC: endpoints.topic,
    LOGWEIR_PAGE_URL: endpoints.page,
    LOGWEIR_DRIFT_URL: endpoints.drift,
    LOGWEIR_API_SQL: 'on',
    LOGWEIR_TASKS_ENDPOINT: new URL(endpoints.tasks).host,
    ...alertEnv(endpoints),
  };
}

/** Messages go to the catchers; nothing leaves the machine. */
const alertEnv = ({ alerts, smtp }: Endpoints): Record<string, string> => ({
  LOGWEIR_SLACK_API: `${alerts}/slack/api/`,
  LOGWEIR_SLACK_TOKEN: LAPTOP.slackToken,
  LOGWEIR_SLACK_CHANNEL: LAPTOP.slackChannel,
  LOGWEIR_SMTP_URL: `smtp://${smtp}`,
  LOGWEIR_MAIL_FROM: LAPTOP.mailFrom,
  LOGWEIR_MAIL_TO: LAPTOP.mailTo,
  LOGWEIR_WEBHOOK_URL: `${alerts}/webhook`,
  LOGWEIR_WEBHOOK_SECRET: LAPTOP.webhookSecret,
  LOGWEIR_ALLOWED_HOSTS: new URL(alerts).host,
});

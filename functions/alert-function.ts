/**
 * The edges of alerting. `alert`: a Pub/Sub push of a verdict → states, incidents, outbox → what is due goes out; it
 * resolves, and the message is acknowledged, when the commit holds, and any failure before makes Pub/Sub deliver again.
 * `remind`, which Cloud Scheduler calls once a minute: recovery and silence by the clock, reminders, the pipeline's own
 * health, and whatever of the outbox is still there.
 */
import { readFile } from 'node:fs/promises';
import { safeFetch } from './alert/channel/safe-fetch.ts';
import { openChannels } from './alert/channels.ts';
import { firestoreAlerts } from './alert/firestore-store.ts';
import { type AlertEffects, type AlertSettings, handle, handleTick } from './alert/handle.ts';
import { checkHealth, type HealthOptions } from './alert/health.ts';
import { warehouseHistory } from './alert/history.ts';
import { firestoreWebhooks, registeredChannels } from './alert/registered-webhooks.ts';
import { type AlertConfig, readAlertConfig } from './alert/rules/config.ts';
import { type SenderEffects, sendDue, tellSent } from './alert/sender.ts';
import { observationOf } from './alert/verdict-observation.ts';
import { openBigquery, openFirestore } from './clients.ts';
import { wallClock } from './clock.ts';
import type { Answer } from './close-function.ts';
import { type Config, loadConfig } from './config.ts';
import { verdictMessage } from './detect/verdict.ts';
import { readPushBody } from './ingest/message.ts';
import { errorFields, log } from './log.ts';
import { createRedactor } from './parse/redact/redactor.ts';
import { ERROR, INFO } from './parse/severity.ts';
import { openWarehouse } from './warehouse/warehouse.ts';

/** All that alerting works with. */
export interface Alerting {
  readonly effects: AlertEffects & SenderEffects;
  readonly settings: AlertSettings;
  readonly health: HealthOptions;
  /** Looks for webhooks that were registered meanwhile; to be called before each handling. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Opens the clients and channels that the settings name. */
export async function openAlerting(config: Config): Promise<Alerting> {
  const rules = await readRules(config.alertConfig);
  const [firestore, bigquery, channels] = await Promise.all([
    openFirestore(config),
    openBigquery(config),
    openChannels(config, wallClock),
  ]);
  const { project: projectId, dataset, bigqueryWriteEndpoint: endpoint } = config;
  const warehouse = openWarehouse({ projectId, datasetId: dataset, endpoint });
  const registered = registeredChannels(firestoreWebhooks(firestore), {
    fetch: safeFetch({ allowedHosts: config.allowedHosts }),
    clock: wallClock,
  });
  // The rules that lines were redacted by when they were stored, once more.
  const redactor = createRedactor({
    rules: config.redactRules,
    key: config.redactKey,
    own: config.redactOwn,
  });
  return {
    effects: {
      store: firestoreAlerts(firestore),
      history: warehouseHistory(bigquery, dataset),
      get channels() {
        return [...channels, ...registered.channels()];
      },
      warehouse,
      clock: wallClock,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      leaseMs: config.alertLeaseMs,
    },
    settings: {
      config: rules,
      content: { pageUrl: config.pageUrl, dataset, redact: (text) => redactor.text(text) },
    },
    refresh: () => registered.refresh(),
    close: async () => {
      await Promise.all([firestore.terminate(), warehouse.close()]);
    },
    health: {
      bigquery,
      dataset,
      config: rules,
      hasModels: config.models === 'process' || config.modelEndpoint !== null,
      everyMs: config.healthMs,
    },
  };
}

/** JSON, or the path of a file with it. */
async function readRules(text: string): Promise<AlertConfig> {
  return readAlertConfig(
    text.trim() === '' || text.trim().startsWith('{') ? text : await readFile(text, 'utf8'),
  );
}

/** Opens `alert` once an instance; returns what handles the data of one CloudEvent. */
export async function openAlert(env: Env = process.env): Promise<(data: unknown) => Promise<void>> {
  const { effects, settings, refresh } = await openAlerting(loadConfig(env));
  return async (data) => {
    await refresh();
    await answerVerdict(data, effects, settings);
  };
}

/** Handles one verdict; rejects when it must come again. */
export async function answerVerdict(
  data: unknown,
  effects: AlertEffects & SenderEffects,
  settings: AlertSettings,
): Promise<void> {
  const startedMs = effects.clock();
  const verdict = readVerdict(data);
  if (verdict === null) return;
  try {
    const { changes, notices } = await handle([observationOf(verdict)], effects, settings);
    const ms = effects.clock() - startedMs;
    log(INFO, 'alert', 'verdict judged', { changes: changes.length, notices: notices.length, ms });
    if (changes.length === 0) return;
  } catch (error) {
    log(ERROR, 'alert', 'verdict not judged; Pub/Sub will deliver it again', errorFields(error));
    throw error;
  }
  await trySend(effects);
}

/** What is committed goes out now or with the next call: a failure here is no reason to judge again. */
async function trySend(effects: SenderEffects): Promise<void> {
  try {
    tellSent(await sendDue(effects));
  } catch (error) {
    log(ERROR, 'alert', 'sending failed; the next run goes on', errorFields(error));
  }
}

/** null: no verdict; it would be none the next time either, and is said and let go. */
function readVerdict(data: unknown) {
  const { data: bytes, messageId } = readPushBody(data);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    value = null;
  }
  const parsed = verdictMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  log(ERROR, 'alert', 'not a verdict; dropped', { message_id: messageId, places: places.slice(0, 300) });
  return null;
}

/** Opens `remind` once an instance; returns what handles one call. */
export async function openRemind(env: Env = process.env): Promise<() => Promise<Answer>> {
  const { effects, settings, health, refresh } = await openAlerting(loadConfig(env));
  let checkedMs = 0;
  return async () => {
    await refresh();
    const nowMs = effects.clock();
    const due = Math.floor(nowMs / health.everyMs) > Math.floor(checkedMs / health.everyMs);
    if (due) checkedMs = nowMs;
    return answerRemind(effects, settings, due ? health : null);
  };
}

/** Handles one call. Never throws. */
export async function answerRemind(
  effects: AlertEffects & SenderEffects,
  settings: AlertSettings,
  health: HealthOptions | null,
): Promise<Answer> {
  const startedMs = effects.clock();
  const failed: string[] = [];
  const part = async <T>(name: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      failed.push(name);
      log(ERROR, 'alert', `${name} failed; the next run goes on`, errorFields(error));
      return null;
    }
  };
  // One part that fails does not keep the others from being done: what waits to be sent goes out whatever happens.
  if (health !== null)
    await part('health', async () => handle(await checkHealth(health, startedMs), effects, settings));
  const ticked = await part('tick', () => handleTick(effects, settings));
  const out = await part('outbox', () => sendDue(effects));
  const counts = { notices: ticked?.notices.length ?? 0, sent: out?.sent ?? 0, waiting: out?.waiting ?? 0 };
  log(INFO, 'alert', 'reminded', { ...counts, failed: failed.length, ms: effects.clock() - startedMs });
  return failed.length === 0
    ? { status: 200, body: counts }
    : { status: 500, body: { error: `failed: ${failed.join(', ')}` } };
}

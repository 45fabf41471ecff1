/**
 * The edge of `parse`: a Pub/Sub push as Eventarc delivers it → parseBatch. It resolves, and the message is
 * acknowledged, only after rows, partials and timers are acknowledged; any failure rejects, the framework answers
 * 500, and Pub/Sub delivers again with back-off.
 */
import { openBucket, openFirestore, openTasks, timerQueue } from './clients.ts';
import { wallClock } from './clock.ts';
import { type Config, loadConfig } from './config.ts';
import { readPushBody } from './ingest/message.ts';
import { pipelines } from './job.ts';
import type { StagedRows } from './load/staged-rows.ts';
import { stagingIn } from './load/staging.ts';
import { errorFields, log } from './log.ts';
import type { LogEntry } from './parse/log-entry.ts';
import { createParser } from './parse/parse-record.ts';
import { catalogueInBucket } from './parse/pattern/catalogue-store.ts';
import { type LivePatterns, livePatterns } from './parse/pattern/live.ts';
import { ERROR, INFO, WARNING } from './parse/severity.ts';
import { type ParseEffects, parseBatch } from './parse-batch.ts';
import { openWarehouse } from './warehouse/warehouse.ts';
import { firestoreStore } from './window/firestore-store.ts';
import { taskTimers } from './window/task-timers.ts';

/** Opens the clients once an instance; returns what handles the data of one CloudEvent. */
export async function openParse(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<(data: unknown) => Promise<void>> {
  const config = loadConfig(env);
  const effects = await openEffects(config);
  const patterns = await openPatterns(config);
  const parse = createParser(patterns === null ? config : { ...config, patternId: patterns.patternIdOf });
  const jobs = pipelines(config).map(({ job }) => job);
  return async (data) => {
    const startedMs = effects.clock();
    try {
      await patterns?.refresh(startedMs);
      const message = readPushBody(data);
      const { redacted, ...summary } = await parseBatch(message, parse, jobs, effects, config);
      const byRule = Object.entries(redacted).map(([rule, count]) => [`redacted_${rule}`, count]);
      log(INFO, 'parse', 'batch done', {
        ...summary,
        ...(Object.fromEntries(byRule) as Record<string, number>),
        ms: effects.clock() - startedMs,
        lag_ms: effects.clock() - Math.round(message.publishTimeUs / 1000),
      });
    } catch (error) {
      log(ERROR, 'parse', 'batch failed; Pub/Sub will deliver it again', errorFields(error));
      throw error;
    }
  };
}

/** The learned catalogue; null where there is none. A catalogue that cannot be had never holds up a batch. */
async function openPatterns(config: Config): Promise<LivePatterns | null> {
  if (config.patternBucket === null) return null;
  return livePatterns({
    store: catalogueInBucket(await openBucket(config, config.patternBucket)),
    refreshMs: config.patternRefreshMs,
    report: (outcome, detail) =>
      log(outcome === 'replaced' ? INFO : WARNING, 'parse', `catalogue of patterns ${outcome}`, { detail }),
  });
}

async function openEffects(config: Config): Promise<ParseEffects> {
  const [firestore, tasks] = await Promise.all([openFirestore(config), openTasks(config)]);
  return {
    warehouse: openWarehouse({
      projectId: config.project,
      datasetId: config.dataset,
      endpoint: config.bigqueryWriteEndpoint,
    }),
    store: firestoreStore(firestore, { retentionMs: config.allowedLatenessMs + config.redeliveryMs }),
    timers: taskTimers(tasks, {
      queue: timerQueue(config),
      closeUrl: config.closeUrl,
      identity: config.closeIdentity,
    }),
    ...(config.logRows === 'load' ? { staged: await openStaging(config) } : {}),
    clock: wallClock,
  };
}

async function openStaging(config: Config): Promise<StagedRows<LogEntry>> {
  if (config.stagingBucket === null)
    throw new Error('LOGWEIR_STAGING_BUCKET is not set: LOGWEIR_LOG_ROWS=load needs it');
  const bucket = await openBucket(config, config.stagingBucket);
  return stagingIn(bucket, { ...config, clock: wallClock });
}

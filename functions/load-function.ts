/**
 * The edge of `load`, which Cloud Scheduler calls once a minute where LOGWEIR_LOG_ROWS is `load`, or has been: files of
 * rows in the staging bucket become rows of log_entries (load/load.ts). Answers 200 with counts; 500 when a client or a
 * job failed, and the next minute goes on. May run twice at the same time.
 * A line of severity ERROR tells of a job that failed, of rows that were refused, and of rows that wait for long.
 */
import { randomBytes } from 'node:crypto';
import { openBigquery, openBucket } from './clients.ts';
import { wallClock } from './clock.ts';
import type { Answer } from './close-function.ts';
import { type Config, loadConfig } from './config.ts';
import { type LoadEffects, type LoadSettings, load } from './load/load.ts';
import { loadJobsOf } from './load/load-jobs.ts';
import { stateIn } from './load/load-state.ts';
import { rescue } from './load/rescue.ts';
import { filesIn } from './load/staged-files.ts';
import { errorFields, log } from './log.ts';
import { ERROR, INFO } from './parse/severity.ts';
import { logEntries } from './warehouse/tables.ts';
import { openWarehouse } from './warehouse/warehouse.ts';

/** BigQuery takes 10,000 URIs and 15 TB in a job. */
const LIMITS: LoadSettings = { maxFiles: 10_000, maxBytes: 10e12 };
/** A minute until a run, one of a job, and some more; then somebody should look. */
const LATE_MS = 900_000;

/** Opens the clients once an instance; returns what handles one call. */
export async function openLoad(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<() => Promise<Answer>> {
  const effects = await openLoadEffects(loadConfig(env));
  return () => answerLoad(effects, LIMITS);
}

async function openLoadEffects(config: Config): Promise<LoadEffects> {
  if (config.stagingBucket === null) throw new Error('LOGWEIR_STAGING_BUCKET is not set: load needs it');
  const bucket = await openBucket(config, config.stagingBucket);
  const files = filesIn(bucket);
  const warehouse = openWarehouse({
    projectId: config.project,
    datasetId: config.dataset,
    endpoint: config.bigqueryWriteEndpoint,
  });
  const jobs = loadJobsOf(await openBigquery(config), {
    datasetId: config.dataset,
    tableId: logEntries.name,
    bucket: config.stagingBucket,
  });
  return {
    ...{ files, states: stateIn(bucket), jobs, clock: wallClock },
    rescue: (file) => rescue(file, { files, warehouse }),
    newId: () => randomBytes(8).toString('hex'),
  };
}

/** Handles one call. Never throws. */
export async function answerLoad(effects: LoadEffects, settings: LoadSettings): Promise<Answer> {
  const startedMs = effects.clock();
  try {
    const { rescued, ...done } = await load(effects, settings);
    const counts = {
      ...{ rows: done.rows, files: done.files, started: done.started, started_bytes: done.startedBytes },
      ...{ oldest_ms: done.oldestMs, failure: done.failure, failures: done.failures },
      ...(rescued === null ? {} : { rescued_rows: rescued.rows, refused_rows: rescued.refused }),
    };
    const fields = { ...counts, ms: effects.clock() - startedMs };
    if (rescued?.isReadable === false) log(ERROR, 'load', 'a file cannot be read and was put aside', fields);
    else if (rescued !== null)
      log(ERROR, 'load', 'a file was refused; its rows were written one by one', fields);
    else if (done.failure !== null)
      log(ERROR, 'load', 'a load job failed; its files are tried again', fields);
    else if ((done.oldestMs ?? 0) > LATE_MS) log(ERROR, 'load', 'rows wait long to be loaded', fields);
    else log(INFO, 'load', 'rows loaded', fields);
    return { status: done.failure === null ? 200 : 500, body: counts };
  } catch (error) {
    log(ERROR, 'load', 'loading failed; the next run goes on where it stopped', errorFields(error));
    return { status: 500, body: { error: 'loading failed' } };
  }
}

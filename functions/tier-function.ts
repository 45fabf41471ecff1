/**
 * The edge of `tier`, which Cloud Scheduler calls once a day: moves days of log_entries that are old enough to the cold
 * tier (archive/tier.ts). Answers 200 with counts; 500 when a client failed or a checksum is wrong, and the next call
 * goes on. May run twice at the same time.
 */
import { randomBytes } from 'node:crypto';
import { manifestsIn } from './archive/manifest.ts';
import { expireServices, type ServiceRetention } from './archive/retention.ts';
import { statementsOf } from './archive/statements.ts';
import { type TierEffects, type TierSettings, tier } from './archive/tier.ts';
import { openBigquery, openBucket } from './clients.ts';
import { wallClock } from './clock.ts';
import type { Answer } from './close-function.ts';
import { type Config, loadConfig } from './config.ts';
import { errorFields, log } from './log.ts';
import { ERROR, INFO } from './parse/severity.ts';

/** A call may take an hour; the day that is begun last needs some of it. */
const MAX_MS = 2_400_000;

/** Opens the clients once an instance; returns what handles one call. */
export async function openTier(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<() => Promise<Answer>> {
  const config = loadConfig(env);
  const effects = await openTierEffects(config);
  return () => answerTier(effects, { ...config, maxMs: MAX_MS });
}

/** BigQuery and the archive bucket, as the settings name them. */
export async function openTierEffects(config: Config): Promise<TierEffects> {
  if (config.archiveBucket === null) throw new Error('LOGWEIR_ARCHIVE_BUCKET is not set: tier needs it');
  const bucket = await openBucket(config, config.archiveBucket);
  return {
    statements: statementsOf(await openBigquery(config), config.dataset),
    bucket,
    manifests: manifestsIn(bucket),
    connection: config.coldConnection,
    clock: wallClock,
    newId: () => randomBytes(4).toString('hex'),
  };
}

/** Handles one call. Never throws. */
async function answerTier(
  effects: TierEffects,
  settings: TierSettings & { readonly serviceRetention: ServiceRetention },
): Promise<Answer> {
  const startedMs = effects.clock();
  try {
    const moved = await tier(effects, settings);
    const expired = await expireServices(effects, settings.serviceRetention);
    const counts = { ...moved, expiredRows: expired.hotRows + expired.rows };
    log(INFO, 'tier', 'days moved to the cold tier', { ...counts, ms: effects.clock() - startedMs });
    return { status: 200, body: counts };
  } catch (error) {
    log(ERROR, 'tier', 'tiering failed; the next run goes on where it stopped', errorFields(error));
    return { status: 500, body: { error: 'tiering failed' } };
  }
}

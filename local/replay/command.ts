/**
 * `logweir replay`: the laptop's archive through the job again. Progress and counts go to standard error, the dry run's
 * answer to standard output. Ctrl-C ends at once: what is written is right, and the next replay goes on.
 */
import { Command } from 'commander';
import { archiveInBucket } from '../../functions/archive/archive.ts';
import { coldDaysIn } from '../../functions/archive/cold-days.ts';
import { forgottenIn } from '../../functions/archive/forgotten.ts';
import { historyIn } from '../../functions/archive/history.ts';
import { RAW_PREFIX } from '../../functions/archive/layout.ts';
import { planReplay } from '../../functions/archive/plan.ts';
import { type ReplayEffects, type ReplayReport, replay } from '../../functions/archive/replay.ts';
import { isExpired } from '../../functions/archive/retention.ts';
import { openBigquery, openBucket, openFirestore } from '../../functions/clients.ts';
import { wallClock } from '../../functions/clock.ts';
import type { Config } from '../../functions/config.ts';
import { pipelines } from '../../functions/job.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { openWarehouse } from '../../functions/warehouse/warehouse.ts';
import { firestoreStore } from '../../functions/window/firestore-store.ts';
import { DEFAULT_DATA_DIR } from '../endpoints.ts';
import { functionConfig } from '../function-config.ts';
import { openPatterns } from './patterns.ts';
import { planLines, progressLine, reportLines } from './texts.ts';
import { readTime } from './time-argument.ts';

interface Flags {
  readonly from: number;
  readonly to: number;
  readonly service?: string;
  readonly margin?: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly dataDir: string;
}

const PROGRESS_MS = 200;
/** Beyond the allowed lateness, for files that are closed late. */
const MARGIN_MS = 600_000;

const NOTES = `
Windows that lie in part in the span are replayed whole. Each gets the next revision of its rows, with the values that
the live path gave it; what that had refused as late is counted now. A window of which the archive holds less than was
counted is left alone: an archive file is written a minute after its first message, or one is damaged.

Exit code: 0 all written, 1 windows were left alone or files are damaged.`;

/** The command. */
export const replayCommand = (): Command => {
  const time = (text: string): number => readTime(text, Date.now());
  return new Command('replay')
    .description('run the archive through the job again: the same rows, the next revision')
    .requiredOption('--from <time>', 'start: 2026-11-20T10:00Z, or how long ago: 2h', time)
    .option('--to <time>', 'end (default: now)', time)
    .option('--service <name>', 'write the rows of this service alone')
    .option('--dry-run', 'do not run it: say what it would read')
    .option(
      '--margin <duration>',
      'how far around the span to read (default: allowed lateness and 10 min)',
      span,
    )
    .option('--force', 'write windows of which the archive holds less than was counted, too')
    .option('--data-dir <folder>', 'data folder of the running start', DEFAULT_DATA_DIR)
    .addHelpText('after', NOTES)
    .action(async (flags: Flags) => {
      process.exitCode = await run({ ...flags, to: flags.to ?? Date.now() });
    });
};

const span = (text: string): number => {
  const nowMs = Date.now();
  return nowMs - readTime(text, nowMs);
};

async function run(flags: Flags): Promise<number> {
  if (flags.from >= flags.to) throw new Error('--from must be before --to');
  const config = await functionConfig(flags.dataDir);
  const { effects, close } = await openEffects(config);
  const events = { fromMs: flags.from, toMs: flags.to };
  const marginMs = flags.margin ?? config.allowedLatenessMs + MARGIN_MS;
  try {
    if (flags.dryRun) {
      const plan = await planReplay(events, effects, { pipelines: pipelines(config), marginMs });
      console.log(planLines(plan).join('\n'));
      return plan.damaged.length > 0 ? 1 : 0;
    }
    const startedMs = performance.now();
    const screen = progressOn(process.stderr, startedMs);
    const report = await replay(
      events,
      { ...effects, onProgress: screen.show },
      {
        ...config,
        pipelines: pipelines(config),
        parse: createParser({ ...config, ...(await openPatterns(config)) }),
        retentionMs: config.allowedLatenessMs + config.redeliveryMs,
        marginMs,
        service: flags.service ?? null,
        force: flags.force ?? false,
      },
    ).finally(screen.end);
    console.error(reportLines(report, performance.now() - startedMs).join('\n'));
    return isWhole(report) ? 0 : 1;
  } finally {
    await close();
  }
}

const isWhole = ({ damaged, written }: ReplayReport): boolean => damaged.length === 0 && written.short === 0;

async function openEffects(config: Config): Promise<{ effects: ReplayEffects; close: () => Promise<void> }> {
  if (config.archiveBucket === null)
    throw new Error('LOGWEIR_ARCHIVE_BUCKET is not set: there is no archive');
  const [firestore, bucket, bigquery] = await Promise.all([
    openFirestore(config),
    openBucket(config, config.archiveBucket),
    openBigquery(config),
  ]);
  const warehouse = openWarehouse({
    projectId: config.project,
    datasetId: config.dataset,
    endpoint: config.bigqueryWriteEndpoint,
  });
  return {
    effects: {
      archive: archiveInBucket(bucket, RAW_PREFIX),
      history: historyIn(bigquery, config.dataset),
      store: firestoreStore(firestore, { retentionMs: config.allowedLatenessMs + config.redeliveryMs }),
      warehouse,
      clock: wallClock,
      coldDays: () => coldDaysIn(bucket),
      deleted: async () => {
        const isForgotten = await forgottenIn(bucket);
        const isPast = isExpired(config.serviceRetention, wallClock());
        return ({ service, timestamp, user_id, received_at }) =>
          isPast(service, timestamp / 1000) || (user_id !== null && isForgotten(user_id, received_at));
      },
    },
    close: async () => {
      await warehouse.close();
      await firestore.terminate();
    },
  };
}

/** A bar on a terminal; elsewhere nothing until the end. */
function progressOn(out: NodeJS.WriteStream, startedMs: number) {
  let shownMs = 0;
  return {
    show: (progress: Parameters<typeof progressLine>[0]): void => {
      const nowMs = performance.now();
      if (!out.isTTY || nowMs - shownMs < PROGRESS_MS) return;
      shownMs = nowMs;
      out.write(`\r${progressLine(progress, nowMs - startedMs).slice(0, out.columns - 1)}\x1b[K`);
    },
    end: (): void => {
      if (out.isTTY) out.write('\r\x1b[K');
    },
  };
}

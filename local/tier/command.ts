/**
 * `logweir tier`: moves old days of log_entries to the cold tier now, as the function `tier` does on schedule. Ctrl-C
 * ends at once: the next run goes on from what it finds.
 */
import { Command } from 'commander';
import { expireServices } from '../../functions/archive/retention.ts';
import { dueDays, tier } from '../../functions/archive/tier.ts';
import { duration } from '../../functions/setting-kinds.ts';
import { openTierEffects } from '../../functions/tier-function.ts';
import { DEFAULT_DATA_DIR } from '../endpoints.ts';
import { functionConfig } from '../function-config.ts';
import { inKind } from '../option.ts';
import { formatCount } from '../ship/counts.ts';
import { dayLine, doneLine, planLines } from './texts.ts';

interface Flags {
  readonly after?: number;
  readonly dryRun?: boolean;
  readonly dataDir: string;
}

const AGE = duration(86_400_000, 315_360_000_000);

const NOTES = `
A day moves whole once it ended so long ago (LOGWEIR_TIER_AFTER). Its rows are exported to Parquet, read back, compared by
count and checksum, and only then deleted from log_entries; the views logs and logs_between show them as before. When the
comparison fails, the day stays where it is and the command ends with exit code 1.`;

/** The command. */
export const tierCommand = (): Command =>
  new Command('tier')
    .description('move old days of log_entries to Parquet in the archive bucket now')
    .option('--after <duration>', 'age at which days move (default: LOGWEIR_TIER_AFTER)', inKind(AGE))
    .option('--dry-run', 'move nothing: say which days would')
    .option('--data-dir <folder>', 'data folder of the running start', DEFAULT_DATA_DIR)
    .addHelpText('after', NOTES)
    .action(run);

async function run({ after, dryRun, dataDir }: Flags): Promise<void> {
  const config = await functionConfig(dataDir);
  const tierAfterMs = after ?? config.tierAfterMs;
  const effects = await openTierEffects(config);
  if (dryRun) {
    console.log(
      planLines(await dueDays(effects.statements, Date.now() - tierAfterMs), tierAfterMs).join('\n'),
    );
    return;
  }
  const startedMs = performance.now();
  const onDay = (moved: Parameters<typeof dayLine>[0]): void => console.error(dayLine(moved));
  const done = await tier({ ...effects, onDay }, { tierAfterMs, maxMs: Number.POSITIVE_INFINITY });
  console.error(doneLine(done, performance.now() - startedMs));
  const { hotRows, rows } = await expireServices(effects, config.serviceRetention);
  if (hotRows + rows > 0)
    console.error(`${formatCount(hotRows + rows)} rows past the retention of their service deleted`);
}

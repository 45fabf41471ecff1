/**
 * `logweir forget`: deletes one user's data by user_id, in BigQuery and in the cold tier; without --yes it says what
 * there is and changes nothing. It prints counts, never rows. The report goes to standard output.
 */
import { Command } from 'commander';
import { archiveInBucket } from '../../functions/archive/archive.ts';
import { type ForgetEffects, findUser, forgetUser, type UserRows } from '../../functions/archive/forget.ts';
import { noteForgotten } from '../../functions/archive/forgotten.ts';
import { RAW_PREFIX } from '../../functions/archive/layout.ts';
import { openBucket } from '../../functions/clients.ts';
import type { Config } from '../../functions/config.ts';
import { openTierEffects } from '../../functions/tier-function.ts';
import { openWarehouse } from '../../functions/warehouse/warehouse.ts';
import { DEFAULT_DATA_DIR } from '../endpoints.ts';
import { functionConfig } from '../function-config.ts';
import { foundLines, type RawFiles, reportLines } from './texts.ts';

interface Flags {
  readonly yes?: boolean;
  readonly mentions?: boolean;
  readonly dataDir: string;
}

const NOTES = `
Entries are the user's by their column user_id. Entries of others whose text names the id, and dead letters, are counted
and go only with --mentions. Windows keep their counts, which name nobody. May be run again at any time.

Exit code: 0 nothing of the user is left in the tables, 1 something is (run again later), or nothing was deleted without --yes.`;

/** The command. */
export const forgetCommand = (): Command =>
  new Command('forget')
    .description("delete one user's data, in BigQuery and in the cold tier, with a report")
    .argument('<user-id>', 'the user, as in the column user_id')
    .option('--yes', 'delete; without it the command only says what there is')
    .option('--mentions', 'also entries of others and dead letters whose text has the id as a word')
    .option('--data-dir <folder>', 'data folder of the running start', DEFAULT_DATA_DIR)
    .addHelpText('after', NOTES)
    .action(async (userId: string, flags: Flags) => {
      process.exitCode = await run(userId, flags);
    });

async function run(userId: string, { yes, mentions = false, dataDir }: Flags): Promise<number> {
  if (userId.trim() === '') throw new Error('the user id is empty');
  const config = await functionConfig(dataDir);
  const { effects, close } = await openEffects(config);
  try {
    if (!yes) {
      const found = await findUser(effects, userId);
      console.log(foundLines(found, await rawFiles(config, found), mentions).join('\n'));
      return isClean(found, mentions) ? 0 : 1;
    }
    const forgotten = await forgetUser(effects, { userId, mentions });
    console.log(reportLines(forgotten, await rawFiles(config, forgotten.found), mentions).join('\n'));
    return isClean(forgotten.left, mentions) ? 0 : 1;
  } finally {
    await close();
  }
}

const isClean = ({ hot, cold, late, examples, ...named }: UserRows, mentions: boolean): boolean =>
  hot + cold + late + examples + (mentions ? named.mentions + named.deadLetters : 0) === 0;

async function openEffects(config: Config): Promise<{ effects: ForgetEffects; close: () => Promise<void> }> {
  const effects = await openTierEffects(config);
  const bucket = await openBucket(config, effects.bucket.name);
  const { project: projectId, dataset: datasetId, bigqueryWriteEndpoint: endpoint } = config;
  const warehouse = openWarehouse({ projectId, datasetId, endpoint });
  return {
    effects: { ...effects, warehouse, note: (userId, nowMs) => noteForgotten(bucket, userId, nowMs) },
    close: () => warehouse.close(),
  };
}

/** Files of the raw archive that may hold what the user's entries were made of. */
async function rawFiles(config: Config, { received }: UserRows): Promise<RawFiles | null> {
  if (received === null || config.archiveBucket === null) return null;
  const archive = archiveInBucket(await openBucket(config, config.archiveBucket), RAW_PREFIX);
  const files = await archive.files({ fromMs: received.fromMs, toMs: received.toMs + 1 });
  const last = files.reduce((latest, { closedMs }) => Math.max(latest, closedMs), received.toMs);
  return { files: files.length, goneMs: last + config.archiveKeepMs };
}

/**
 * The kill proof of loading at length. Ends with 1 when something is wrong.
 * `npx tsx test/crash/loader.ts [--kills 40] [--files 10] [--seed N]`
 */
import { parseArgs } from 'node:util';
import { runLoaderKills } from './loader-run.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string' }, files: { type: 'string' }, seed: { type: 'string' } },
});
const [kills, files] = [values.kills ?? 40, values.files ?? 10].map(Number);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (![kills, files, seed].every((one) => Number.isSafeInteger(one) && one! >= 0))
  throw new RangeError('--kills, --files and --seed must be whole numbers');

process.env.METADATA_SERVER_DETECTION = 'none';
console.log(`${kills} kills, ${files} files before each, seed ${seed}`);
const started = Date.now();
const { wrong, ...report } = await runLoaderKills({
  ...{ seed, kills: kills!, files: files! },
  onProgress: (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`),
});
console.log(`kills: load ${report.kills.load}, bigquery ${report.kills.bigquery}`);
console.log(`${report.entries} entries in ${report.files} files, ${report.jobs} jobs of ${report.runs} runs`);
for (const line of wrong.slice(0, 20)) console.error(line);
console.log(wrong.length === 0 ? 'everything is right' : `${wrong.length} things are wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;

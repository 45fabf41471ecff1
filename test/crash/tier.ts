/**
 * The kill proof of tiering at length.
 * `npx tsx test/crash/tier.ts [--kills 30] [--days 12] [--rows 20000] [--seed N]`
 */
import { parseArgs } from 'node:util';
import { runTierKills } from './tier-run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    days: { type: 'string' },
    rows: { type: 'string' },
    seed: { type: 'string' },
  },
});
const [kills, days, rowsPerDay] = [values.kills ?? 30, values.days ?? 12, values.rows ?? 20_000].map(Number);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (![kills, days, rowsPerDay, seed].every((one) => Number.isSafeInteger(one) && one! >= 0))
  throw new RangeError('--kills, --days, --rows and --seed must be whole numbers');

console.log(`${days} days of ${rowsPerDay} entries, ${kills} kills, seed ${seed}`);
const started = Date.now();
const report = await runTierKills({
  ...{ seed, days: days!, rowsPerDay: rowsPerDay!, kills: kills! },
  onProgress: (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`),
});
console.log(
  `kills: tier ${report.kills.tier}, bigquery ${report.kills.bigquery}; ${report.interrupted} of ${report.calls} calls interrupted`,
);
console.log(`a further call: ${JSON.stringify(report.again)}`);
for (const line of report.wrong.slice(0, 20)) console.error(line);
console.log(report.wrong.length === 0 ? 'everything is right' : `${report.wrong.length} things are wrong`);
process.exitCode = report.wrong.length === 0 ? 0 : 1;

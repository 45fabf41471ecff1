/**
 * Kills `parse` and `close` at random under load, and compares. Ends with 1 when something is wrong.
 * `npx tsx test/crash/kill.ts [--seconds 60] [--seed N] [--rate 20]` (rate: batches of 50 lines a second)
 */
import { parseArgs } from 'node:util';
import { runKills } from './run.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, rate: { type: 'string' } },
});
const [seconds, seed] = [Number(values.seconds ?? 60), Number(values.seed ?? Date.now() % 2 ** 31)];
const batchesPerSecond = Number(values.rate ?? 20);
if (!(seconds > 0 && batchesPerSecond > 0 && Number.isSafeInteger(seed)))
  throw new RangeError('--seconds and --rate must be positive numbers, --seed a whole number');

console.log(`${seconds} s of load, ${batchesPerSecond} batches a second, seed ${seed}`);
const started = Date.now();
const { wrong, kills, ...report } = await runKills({
  seconds,
  seed,
  batchesPerSecond,
  onProgress: (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`),
});
console.log(`kills: parse ${kills.parse}, close ${kills.close}`);
for (const [name, value] of Object.entries(report)) console.log(`${name}: ${value}`);
console.log(`rows compared: ${report.lines} log rows, ${report.windows} windows`);
for (const line of wrong.slice(0, 20)) console.error(line);
console.log(wrong.length === 0 ? 'everything is right' : `${wrong.length} things are wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;

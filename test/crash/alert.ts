/**
 * Kills `alert` and `remind` while they judge and tell, and compares. Ends with 1 when something is wrong.
 * `npx tsx test/crash/alert.ts [--incidents 60] [--seed N]`
 */
import { parseArgs } from 'node:util';
import { runAlertKills } from './alert-run.ts';

const { values } = parseArgs({ options: { incidents: { type: 'string' }, seed: { type: 'string' } } });
const [incidents, seed] = [Number(values.incidents ?? 60), Number(values.seed ?? Date.now() % 2 ** 31)];
if (!(Number.isSafeInteger(incidents) && incidents > 0 && Number.isSafeInteger(seed)))
  throw new RangeError('--incidents must be a positive whole number, --seed a whole number');

console.log(`${incidents} incidents of two services, seed ${seed}`);
const started = Date.now();
const { wrong, kills, again, ...report } = await runAlertKills({
  incidents,
  seed,
  onProgress: (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`),
});
for (const [moment, count] of Object.entries(kills)) console.log(`kills, ${moment}: ${count}`);
for (const [name, value] of Object.entries(report)) console.log(`${name}: ${value}`);
console.log(`came again under the same key: ${again.mails} mails, ${again.webhooks} calls of the webhook`);
for (const line of wrong.slice(0, 20)) console.error(line);
console.log(wrong.length === 0 ? 'each transition was told once' : `${wrong.length} things are wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;

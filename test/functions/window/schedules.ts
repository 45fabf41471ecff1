/**
 * The long proof: random schedules of batches, crashes and races over tumbling, sliding and session windows.
 * `npx tsx test/functions/window/schedules.ts [--runs 100000] [--seed N] [--job sessions]`
 * Prints the seed; a failure prints the smallest schedule found that fails. Ends with 1 on failure.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { JOB_NAMES, type JobName, play, schedules } from './schedule.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, job: { type: 'string' } },
});
const runs = Number(values.runs ?? 100_000);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const jobs = values.job === undefined ? JOB_NAMES : JOB_NAMES.filter((name) => name === values.job);
if (!Number.isSafeInteger(runs) || runs < 1)
  throw new RangeError(`--runs must be a whole number, not ${values.runs}`);
if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed must be a whole number, not ${values.seed}`);
if (jobs.length === 0)
  throw new RangeError(`--job must be one of ${JOB_NAMES.join(', ')}, not ${values.job}`);

const PROGRESS_MS = 10_000;
const started = Date.now();
const faults = new Map<string, number>();
let [played, reported] = [0, started];
const totals = { firings: 0, conflicts: 0, tooEarly: 0, late: 0, future: 0, tombstones: 0, revisions: 0 };

console.log(`${runs} schedules, seed ${seed}`);
for (const [i, job] of jobs.entries()) {
  const numRuns = Math.floor(runs / jobs.length) + (i < runs % jobs.length ? 1 : 0);
  await run(job, numRuns);
}
console.log(`all rows right; ${JSON.stringify(totals)}`);
console.log(`faults: ${JSON.stringify(Object.fromEntries([...faults].sort()))}`);

async function run(job: JobName, numRuns: number): Promise<void> {
  const property = fc.asyncProperty(schedules(job), async (schedule) => {
    const { world, ...counts } = await play(schedule);
    for (const [fault, count] of world.faults) faults.set(fault, (faults.get(fault) ?? 0) + count);
    for (const [name, count] of Object.entries(counts)) totals[name as keyof typeof counts] += count;
    totals.firings += world.firings;
    totals.conflicts += world.conflicts;
    totals.tooEarly += world.tooEarly;
    played++;
    if (Date.now() - reported < PROGRESS_MS) return;
    reported = Date.now();
    console.log(`${played} of ${runs}, ${Math.round((1000 * played) / (reported - started))}/s, ${job}`);
  });
  const result = await fc.check(property, { numRuns, seed });
  if (!result.failed) return;
  console.error(fc.defaultReportMessage(result));
  console.error(result.errorInstance);
  console.error(
    `again: npx tsx test/functions/window/schedules.ts --runs ${runs} --seed ${seed} --job '${job}'`,
  );
  process.exit(1);
}

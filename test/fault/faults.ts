/**
 * Each fault at each place between the functions and Google's services, as a table. Ends with 1 when a line was lost or
 * counted twice.
 * `npx tsx test/fault/faults.ts [--seconds 6] [--percent 20] [--seed 1] [--place firestore] [--fault half]`
 */
import { parseArgs } from 'node:util';
import { FAULTS } from './fault.ts';
import { type Outcome, PLACES, runFaults } from './run.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    percent: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    place: { type: 'string' },
    fault: { type: 'string' },
  },
});
const cases = PLACES.flatMap((place) => FAULTS.map((fault) => ({ place, fault }))).filter(
  ({ place, fault }) => place === (values.place ?? place) && fault === (values.fault ?? fault),
);
if (cases.length === 0) throw new RangeError(`places: ${PLACES.join(', ')}; faults: ${FAULTS.join(', ')}`);

console.log('| place | fault | calls, gone wrong | lines | redeliveries | quiet again after | wrong |');
console.log('|---|---|---|---|---|---|---|');
const row = (one: Outcome): void =>
  console.log(
    `| ${one.place} | ${one.fault} | ${one.calls}, ${one.mishaps} | ${one.lines} | ${one.redeliveries} | ${one.secondsToQuiet.toFixed(1)} s | ${one.wrong.length === 0 ? 'nothing' : one.wrong.slice(0, 3).join('; ')} |`,
  );
const outcomes = await runFaults({
  cases,
  ...{ seconds: Number(values.seconds), percent: Number(values.percent), seed: Number(values.seed) },
  onOutcome: row,
});
process.exitCode = outcomes.every(({ wrong }) => wrong.length === 0) ? 0 : 1;

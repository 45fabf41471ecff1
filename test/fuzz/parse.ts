/** `npx tsx test/fuzz/parse.ts --runs 100000 [--seed N]`: hostile records against the laws of the parser. */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { records } from './hostile.ts';
import { check } from './laws.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const numRuns = Number(values.runs);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const startMs = performance.now();
const result = fc.check(fc.property(records, check), { numRuns, seed });
const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
if (result.failed) {
  console.error(fc.defaultReportMessage(result));
  console.error(result.errorInstance);
  process.exitCode = 1;
} else console.log(`${numRuns} batches of hostile records, seed ${seed}: no law broken in ${seconds} s`);

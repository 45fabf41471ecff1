/**
 * What a core carries: a compressed batch → records → LogEntries → rows encoded for BigQuery → partials encoded for
 * Firestore, beside a bare JSON.parse over the same lines in the same run.
 * `npx tsx test/bench/line-path.ts [--runs 7]`
 */
import { coreWork, line, median, messageOf, rate, round, type Stage } from './core-work.ts';

const LINES = 1000;
const BATCHES = 40;
const RUNS = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 7;

const batches = Array.from({ length: BATCHES }, (_, b) =>
  Array.from({ length: LINES }, (_, i) => line(b * LINES + i)),
);
const messages = batches.map(messageOf);
const core = coreWork();

const whole: number[] = [];
const bare: number[] = [];
for (let run = -2; run < RUNS; run++) {
  if (run === 0) core.reset();
  const a = rate(() => messages.reduce((sum, message) => sum + core.message(message), 0));
  const b = rate(() => {
    let fields = 0;
    for (const lines of batches)
      for (const text of lines) fields += JSON.parse(text).message.length > 0 ? 1 : 0;
    return fields;
  });
  if (run < 0) continue;
  whole.push(a);
  bare.push(b);
}

const bytes = batches[0]!.reduce((sum, text) => sum + text.length, 0) / LINES;
const total = Object.values(core.stages).reduce((a, b) => a + b, 0);
console.log(`${round(bytes)} bytes a line, batches of ${LINES}, medians of ${RUNS} runs`);
console.log(`whole path       ${round(median(whole))} lines/s`);
console.log(`bare JSON.parse  ${round(median(bare))} lines/s`);
console.log(`ratio            ${((100 * median(whole)) / median(bare)).toFixed(1)} %`);
for (const stage of ['unpack', 'parse', 'rows', 'partials'] satisfies Stage[])
  console.log(`  ${stage.padEnd(10)} ${((100 * core.stages[stage]) / total).toFixed(1)} %`);

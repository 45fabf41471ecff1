/**
 * How the cost of a line grows: with how many lines there are, with the lines in a batch, and with the services (keys) in it.
 * Each beside a bare JSON.parse of the same lines, in turns; medians of several runs.
 * `npx tsx test/bench/growth.ts [--runs 5]`
 */
import { coreWork, line, median, messageOf, rate, round } from './core-work.ts';

const RUNS = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 5;

interface Size {
  readonly lines: number;
  readonly batchLines: number;
  readonly services: number;
}

function measure({ lines, batchLines, services }: Size): void {
  const texts = Array.from({ length: lines }, (_, i) => line(i, services));
  const messages = Array.from({ length: Math.ceil(lines / batchLines) }, (_, b) =>
    messageOf(texts.slice(b * batchLines, (b + 1) * batchLines), b),
  );
  const core = coreWork();
  const [whole, bare]: [number[], number[]] = [[], []];
  for (let run = -1; run < RUNS; run++) {
    const a = rate(() => messages.reduce((sum, message) => sum + core.message(message), 0));
    const b = rate(() => texts.reduce((sum, text) => sum + (JSON.parse(text).message.length > 0 ? 1 : 0), 0));
    if (run < 0) continue;
    whole.push(a);
    bare.push(b);
  }
  const ratio = ((100 * median(whole)) / median(bare)).toFixed(1);
  console.log(
    `${round(lines).padStart(9)} lines, ${round(batchLines).padStart(6)} a batch, ${round(services).padStart(5)} services: ${(1e6 / median(whole)).toFixed(2)} µs a line, ${round(median(whole))} lines/s, ${ratio} % of a bare JSON.parse`,
  );
}

for (const lines of [10_000, 40_000, 160_000]) measure({ lines, batchLines: 1_000, services: 5 });
for (const batchLines of [1, 10, 100, 1_000, 10_000]) measure({ lines: 20_000, batchLines, services: 5 });
for (const services of [5, 50, 500]) measure({ lines: 40_000, batchLines: 1_000, services });

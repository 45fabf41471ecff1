/**
 * Lines per second that one core generates, beside JSON.parse over the same lines in the same run, and what it
 * costs to make Fluentd's batches of them. `npx tsx test/bench/generator.ts [--services 5]`
 */
import { deflateSync } from 'node:zlib';
import { createGenerator, type GeneratedLine } from '../../local/generator/generator.ts';

const LINES = 1_000_000;
/** As the runner asks for them when there are many. */
const RATE = 20_000;
const TICK_MS = 250;
const START_MS = Date.UTC(2026, 10, 20, 10);
const SERVICES = Number(process.argv[process.argv.indexOf('--services') + 1]) || 5;

const generator = createGenerator({ seed: 1, rate: RATE, startMs: START_MS, rhythm: 0, services: SERVICES });

let atMs = START_MS;
function tick(): GeneratedLine[] {
  const fromMs = atMs;
  atMs += TICK_MS;
  return generator.next(fromMs, atMs);
}

/** Runs `work` over some seconds of lines; gives lines per second of its own time. */
function rateOf(work: () => number): number {
  const began = performance.now();
  const lines = work();
  return lines / ((performance.now() - began) / 1000);
}

const print = (what: string, value: number, unit: string): void =>
  console.log(`${what.padEnd(44)}${Math.round(value).toLocaleString('en-US').padStart(10)} ${unit}`);

tick();
const kept = tick().map(({ line }) => line);
const bytes = kept.reduce((sum, line) => sum + Buffer.byteLength(line), 0);

const generated = rateOf(() => {
  let lines = 0;
  while (lines < LINES) lines += tick().length;
  return lines;
});
const parsed = rateOf(() => {
  let lines = 0;
  for (; lines < LINES; lines += kept.length) for (const line of kept) JSON.parse(line);
  return lines;
});
const packed = rateOf(() => {
  for (let i = 0; i < kept.length; i += 1000) deflateSync(kept.slice(i, i + 1000).join('\n\x1e'));
  return kept.length;
});

print('bytes of a line', bytes / kept.length, 'B');
print(`generated, ${SERVICES} services`, generated, 'lines/s');
print('bare JSON.parse over the same lines', parsed, 'lines/s');
print('joined and compressed by zlib', packed, 'lines/s');
console.log(`generated / JSON.parse: ${(generated / parsed).toFixed(2)}`);
console.log(`Node.js ${process.version}, RSS ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`);

/**
 * Lines per second that one core generates, the median of rounds, beside JSON.parse over the same lines in the same run, and what it
 * costs to make Fluentd's batches of them. `npx tsx test/bench/generator.ts [--services 5]`
 */
import { deflateSync } from 'node:zlib';
import { createGenerator, type GeneratedLine } from '../../local/generator/generator.ts';

/** Of a round. */
const LINES = 100_000;
const ROUNDS = 15;
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

/** Lines per second of `work`, which says how many lines it did. */
function rateOf(work: () => number): number {
  const began = performance.now();
  const lines = work();
  return lines / ((performance.now() - began) / 1000);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const print = (what: string, value: number, unit: string): void =>
  console.log(`${what.padEnd(44)}${Math.round(value).toLocaleString('en-US').padStart(10)} ${unit}`);

tick();
const kept = Array.from({ length: 4 }, tick).flatMap((lines) => lines.map(({ line }) => line));
const bytes = kept.reduce((sum, line) => sum + Buffer.byteLength(line), 0);

function generate(): number {
  let lines = 0;
  while (lines < LINES) lines += tick().length;
  return lines;
}

function parse(): number {
  let lines = 0;
  for (; lines < LINES; lines += kept.length) for (const line of kept) JSON.parse(line);
  return lines;
}

function pack(): number {
  for (let i = 0; i < kept.length; i += 1000) deflateSync(kept.slice(i, i + 1000).join('\n\x1e'));
  return kept.length;
}

// In turn, so that a noisy machine is noisy for all of them.
const rounds = Array.from({ length: ROUNDS }, () => [generate, parse, pack].map(rateOf));
const [generated, parsed, packed] = [0, 1, 2].map((i) => median(rounds.map((round) => round[i]!))) as [
  number,
  number,
  number,
];

print('bytes of a line', bytes / kept.length, 'B');
print(`generated, ${SERVICES} services`, generated, 'lines/s');
print('bare JSON.parse over the same lines', parsed, 'lines/s');
print('joined and compressed by zlib', packed, 'lines/s');
console.log(`generated / JSON.parse: ${(generated / parsed).toFixed(2)}`);
console.log(`Node.js ${process.version}, RSS ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`);

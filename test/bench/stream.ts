/**
 * How fast the window operator is on one core: `npx tsx test/bench/stream.ts`. Elements come in event time, up to
 * 5 s out of order, keys at random; the watermark follows 10 s behind, once a thousand elements. Count and sum per
 * key and window. Each rate is the mean of several runs after a warm-up, with the lowest and the highest, once per
 * second of processor time (a core to itself) and once by the clock (which counts what else the machine does).
 */
import { cpus } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { session, sliding, tumbling, type WindowAssigner } from '../../functions/stream/assigner.ts';
import { seconds, stream } from '../../functions/stream/job.ts';
import { WindowOperator } from '../../functions/stream/operator.ts';
import { END_OF_TIME } from '../../functions/stream/window.ts';

interface Element {
  readonly key: string;
  readonly timestampMs: number;
  readonly value: number;
}

const RUNS = 5;
const BOUND_MS = 5000;
const START_MS = 1_700_000_010_000;
/** Elements between two watermarks. */
const BATCH = 1000;

/** The same elements every time, by a small generator of random numbers. */
function elements(count: number, keys: number, perSecond: number): Element[] {
  const names = Array.from({ length: keys }, (_, i) => `service-${i}`);
  let seed = 42;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  return Array.from({ length: count }, (_, i) => ({
    key: names[Math.floor(random() * keys)]!,
    timestampMs: START_MS + Math.floor((i * 1000) / perSecond - random() * BOUND_MS),
    value: Math.floor(random() * 1000),
  }));
}

const countAndSum = (assigner: WindowAssigner) =>
  stream<Element>('bench')
    .timestampBy((element) => element.timestampMs)
    .keyBy((element) => element.key)
    .window(assigner)
    .aggregate<{ count: number; sum: number }, { count: number; sum: number }>({
      create: () => ({ count: 0, sum: 0 }),
      add(acc, element) {
        acc.count++;
        acc.sum += element.value;
        return acc;
      },
      merge: (a, b) => ({ count: a.count + b.count, sum: a.sum + b.sum }),
      result: ({ count, sum }) => ({ count, sum }),
      encode: (acc) => acc,
      decode: (encoded) => encoded as { count: number; sum: number },
    });

interface Run {
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly results: number;
  readonly mostOpen: number;
}

function run(assigner: WindowAssigner, input: readonly Element[]): Run {
  let results = 0;
  let counted = 0;
  let mostOpen = 0;
  const operator = new WindowOperator(countAndSum(assigner), {
    emit: ({ value }) => {
      results++;
      counted += value.count;
    },
  });
  const startMs = performance.now();
  const start = process.cpuUsage();
  for (let from = 0; from < input.length; from += BATCH) {
    const until = Math.min(from + BATCH, input.length);
    for (let i = from; i < until; i++) operator.process(input[i]!);
    operator.advanceTo(input[until - 1]!.timestampMs - 2 * BOUND_MS);
    if (from % (100 * BATCH) === 0) mostOpen = Math.max(mostOpen, operator.openWindows);
  }
  operator.advanceTo(END_OF_TIME);
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(start);
  if (counted < input.length) throw new Error(`only ${counted} of ${input.length} elements were counted`);
  return {
    perCpuSecond: (input.length / (user + system)) * 1e6,
    perSecond: (input.length / tookMs) * 1000,
    results,
    mostOpen,
  };
}

/** `6.41 M/s (5.90 to 7.02)` */
function rateText(rates: readonly number[]): string {
  const millions = rates.map((rate) => rate / 1e6);
  const mean = millions.reduce((a, b) => a + b) / millions.length;
  const [low, high] = [Math.min(...millions), Math.max(...millions)];
  return `${mean.toFixed(2)} M/s (${low.toFixed(2)} to ${high.toFixed(2)})`.padStart(24);
}

function measure(name: string, assigner: WindowAssigner, input: readonly Element[]): void {
  run(assigner, input);
  const runs = Array.from({ length: RUNS }, () => run(assigner, input));
  const { results, mostOpen } = runs[0]!;
  const rates = [runs.map((one) => one.perCpuSecond), runs.map((one) => one.perSecond)].map(rateText);
  const counts = [results, mostOpen].map((count) => String(count).padStart(9));
  console.log([name.padEnd(20), ...rates, ...counts].join('  '));
}

/** Bytes in use on the heap after a full collection. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

function measureMemory(count: number): void {
  const input = elements(count, 2000, 1_000_000);
  const operator = new WindowOperator(countAndSum(tumbling(seconds(100_000))), { emit: () => {} });
  const before = heapBytes();
  for (const element of input) operator.process(element);
  const kib = ((heapBytes() - before) / 1024).toFixed(0);
  console.log(`${String(input.length).padStart(9)} elements  ${operator.openWindows} open  ${kib} KiB`);
}

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${RUNS} runs each`);
console.log('\nTumbling windows of 10 s, count and sum, 2,000,000 elements, 100,000 a second of event time:');
console.log(
  '                      per second of processor      by the clock              results  most open',
);
for (const keys of [10, 100, 1000, 2000, 10_000, 100_000]) {
  measure(`${keys} keys`, tumbling(seconds(10)), elements(2_000_000, keys, 100_000));
}
console.log('\nThe same with 2,000 keys, other windows:');
const input = elements(1_000_000, 2000, 100_000);
measure('sliding 10 s / 5 s', sliding(seconds(10), seconds(5)), input);
measure('sliding 60 s / 5 s', sliding(seconds(60), seconds(5)), input);
measure('sessions of gap 1 s', session(seconds(1)), input);

console.log('\nMemory of 2,000 keys, one window open: it grows with windows × keys, not with elements');
for (const count of [20_000, 200_000, 2_000_000]) measureMemory(count);

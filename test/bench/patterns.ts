/**
 * Speed of the patterns on one core, beside Drain3 where Python has it:
 *
 *     npx tsx test/bench/patterns.ts [--data DIR] [--runs 7]
 *
 * Every line is new: its numbers, addresses and names are drawn from a fixed seed, and no line comes twice in a run.
 * `cached` is the same matcher behind a map of the last messages, fed with lines that do come again. The messages of
 * the data sets, where they are (--data DIR, else as in data-directory.ts), are measured too, each with fresh digits.
 * Medians of the runs, in processor time (garbage collection on other cores counted), so that a busy machine shows
 * the same.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { learn } from '../../functions/parse/pattern/learn.ts';
import { maskedPattern } from '../../functions/parse/pattern/masked.ts';
import { createMatcher } from '../../functions/parse/pattern/matcher.ts';
import { columnOf } from '../../local/patterns/csv.ts';
import { blocksOf } from '../../local/patterns/lines.ts';
import { dataDirectory } from './data-directory.ts';
import { pythonWith } from './python.ts';

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
};
const RUNS = Number(option('--runs') ?? 7);
const LINES = 200_000;

/** xorshift32: the same lines everywhere. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const next = numbers(20261121);
const NAMES = 'ann bob cleo dora emil fay gus hal ida jon kim lea max nia oto pia rex sue tom uma'.split(' ');
const name = (): string => NAMES[next() % NAMES.length]!;
const address = (): string => `10.${next() % 256}.${next() % 256}.${next() % 256}:${1024 + (next() % 60000)}`;
const WRITERS: readonly (() => string)[] = [
  () => `Receiving block blk_${next()}${next()} src: /${address()} dest: /${address()}`,
  () => `Failed password for ${name()} from ${address()} port ${next() % 65536} ssh2`,
  () =>
    `request ${next()} GET /api/v1/orders/${next()} completed with 200 in ${next() % 5000}ms for user ${name()}`,
  () =>
    `connection from ${address()} closed after ${next() % 900} s, ${next()} bytes sent, ${next()} received`,
  () =>
    `worker ${name()}-${next() % 64} state=idle queue=${next() % 1000} load=0.${next() % 100} leader=true`,
  () => `Error loading /srv/app/${name()}/${next()}.so: invalid or missing image, no such file or directory`,
  () =>
    `Finished task ${next() % 99}.0 in stage ${next() % 99}.0 (TID ${next()}). ${next()} bytes sent to driver`,
  () => `session opened for user ${name()} by (uid=${next() % 3000})`,
];
const lines = Array.from({ length: LINES }, () => WRITERS[next() % WRITERS.length]!());

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

let sink = 0;
function rate(messages: readonly string[], work: (message: string) => { readonly id: string }): number {
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const started = process.cpuUsage();
    for (const message of messages) sink += work(message).id.length;
    const { user, system } = process.cpuUsage(started);
    seconds.push((user + system) / 1e6);
  }
  return messages.length / median(seconds);
}

const print = (what: string, perSecond: number): void =>
  console.log(`${what.padEnd(56)} ${Math.round(perSecond).toLocaleString('en').padStart(12)} lines/s`);

function measure(title: string, messages: readonly string[], samples: readonly string[]): void {
  const started = performance.now();
  const catalogue = learn(samples);
  const ms = performance.now() - started;
  const match = createMatcher(catalogue);
  const known = messages.filter((message) => match(message).known).length / messages.length;
  console.log(
    `\n${title}: ${messages.length} lines, ${catalogue.patterns.length} patterns learned from ` +
      `${samples.length} in ${ms.toFixed(0)} ms, ${(100 * known).toFixed(1)} % of the lines known`,
  );
  print('unseen lines, masked (no catalogue)', rate(messages, maskedPattern));
  print('unseen lines, against the catalogue', rate(messages, match));
  const cache = new Map<string, ReturnType<typeof match>>();
  const again = messages.map((_, i) => messages[i % 1000]!);
  print(
    'cached: 1,000 lines again and again, by a map',
    rate(again, (message) => {
      const hit = cache.get(message);
      if (hit !== undefined) return hit;
      const found = match(message);
      cache.set(message, found);
      return found;
    }),
  );
}

function fresh(message: string): string {
  return message.replace(/\d/g, () => String(next() % 10));
}

measure('generated', lines, lines.slice(0, 20_000));

const data = dataDirectory(option('--data'));
if (data === null) console.log('\nno data sets: name their folder with --data, or set LOGWEIR_BENCH_DATA');
else {
  const contents = readdirSync(data, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const file = readdirSync(join(data, entry.name)).find((f) => f.endsWith('structured_corrected.csv'));
      return file === undefined ? [] : [...columnOf(blocksOf(join(data, entry.name, file)), 'Content')];
    });
  const messages = Array.from({ length: 10 }, () => contents.map(fresh)).flat();
  measure('data', messages, contents);
}

console.log('\none long line, by length (time for a character must not grow)');
for (const kind of ['word ', '7 ', '((', '="', "'", ':a', 'a.', '0:']) {
  const match = createMatcher(learn([kind]));
  const cost = [10_000, 100_000, 1_000_000].map((length) => {
    const message = kind.repeat(length / kind.length);
    const started = process.cpuUsage();
    for (let i = 0; i < 100; i++) sink += match(message).id.length;
    return `${(process.cpuUsage(started).user / 100 / 1000).toFixed(2)} ms`;
  });
  console.log(`  ${JSON.stringify(kind).padEnd(10)} 10 KB ${cost[0]}, 100 KB ${cost[1]}, 1 MB ${cost[2]}`);
}

console.log();
const python = pythonWith('drain3');
if (python === null)
  console.log(
    'Drain3: Python 3 has no module drain3 here, so it is not measured (`pip install drain3` to have it beside)',
  );
else {
  const file = join(tmpdir(), `patterns-${process.pid}.log`);
  writeFileSync(file, lines.slice(0, 50_000).join('\n'));
  const script = `
import sys, time
from drain3 import TemplateMiner
lines = open(sys.argv[1]).read().split("\\n")
miner = TemplateMiner()
start = time.process_time()
for line in lines: miner.add_log_message(line)
print(len(lines) / (time.process_time() - start))`;
  const ran = spawnSync(python.path, ['-c', script, file], { encoding: 'utf8' });
  print('Drain3, its defaults, the generated lines', Number(ran.stdout));
}
if (sink === 0) throw new Error('nothing was measured');

/**
 * `npm run bench [-- NAME…]`: every measurement of this folder, one after the other, under the machine it was made on.
 * Names are those of the files; without one, all run. Takes some minutes; nothing else should run meanwhile.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const BENCHES: readonly (readonly [name: string, about: string, ...args: string[]])[] = [
  ['line-path', 'a compressed batch to LogEntries, rows and partials, beside a bare JSON.parse'],
  ['parse', 'lines of every kind to LogEntries'],
  ['raw-files', 'times, severities and messages of raw files whose fields are known'],
  ['patterns', 'messages to patterns, beside Drain3 where Python has it'],
  ['grouping-accuracy', 'patterns against the known events of data sets'],
  ['stream', 'the window operator in memory'],
  ['close', 'merging the partials of a window'],
  ['replay', 'the archive through the job again'],
  ['tier', 'a day of log entries to checked Parquet'],
  ['generator', 'making the demo’s lines'],
  ['alerts', 'alerting against known incidents, two hours of the simulated day', '--hours', '2'],
  [
    'models',
    'training steps, inference, the prediction server; beside scikit-learn and PyTorch where they are',
  ],
  ['warehouse', 'the local BigQuery over 5 M log entries: appends, queries, translation'],
  [
    'end-to-end',
    'published lines to rows and windows, on the laptop cloud',
    '--rate',
    '15000',
    '--seconds',
    '60',
  ],
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BENCHES.some(([known]) => known === name));
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are: ${BENCHES.map(([name]) => name).join(', ')}`);
  process.exit(1);
}

const [cpu] = cpus();
const memory = Math.round(totalmem() / 2 ** 30);
console.log(
  `${new Date().toISOString().slice(0, 10)} · ${cpu?.model.trim()} × ${cpus().length} · ${memory} GB · Node ${process.version}`,
);
console.log(
  `load when started: ${loadavg()[0]?.toFixed(2)}${(loadavg()[0] ?? 0) > 0.5 ? ' (not quiet: figures will be low)' : ''}`,
);

for (const [name, about, ...args] of BENCHES) {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  if ((asked.length > 0 && !asked.includes(name)) || !existsSync(file)) continue;
  console.log(`\n── ${name}: ${about}`);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', file, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

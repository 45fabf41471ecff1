/**
 * `npm run bench [-- NAME… --repeat 3 --out FOLDER]`: every measurement of this folder, one after the other, each several
 * times; prints medians and writes them as JSON and as Markdown, under the machine, versions and date they were made with.
 * Names are those of the files; without one, all run. Takes a good hour; nothing else should run meanwhile.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Line, mediansOf } from './medians.ts';
import { pythonWith } from './python.ts';

interface Bench {
  readonly name: string;
  readonly about: string;
  readonly args?: readonly string[];
  /** Takes minutes, or has runs of its own: once. */
  readonly once?: true;
}

const BENCHES: readonly Bench[] = [
  {
    name: 'line-path',
    about: 'a compressed batch to LogEntries, rows and partials, beside a bare JSON.parse',
  },
  { name: 'growth', about: 'the cost of a line by lines, lines in a batch, and services', once: true },
  { name: 'windows-beside', about: 'the same windows by this job and by DuckDB in SQL, beside JSON.parse' },
  { name: 'syslog-beside', about: 'RFC 5424 to fields, beside rsyslog where it is installed' },
  { name: 'parse', about: 'lines of every kind to LogEntries' },
  {
    name: 'raw-files',
    about: 'times, severities and messages of raw files whose fields are known',
    once: true,
  },
  { name: 'patterns', about: 'messages to patterns, beside Drain3 where Python has it' },
  { name: 'grouping-accuracy', about: 'patterns against the known events of data sets', once: true },
  { name: 'stream', about: 'the window operator in memory' },
  { name: 'close', about: 'merging the partials of a window' },
  { name: 'replay', about: 'the archive through the job again' },
  { name: 'tier', about: 'a day of log entries to checked Parquet', once: true },
  { name: 'generator', about: 'making the demo’s lines' },
  {
    name: 'alerts',
    about: 'alerting against known incidents, two hours of the simulated day',
    args: ['--hours', '2'],
    once: true,
  },
  {
    name: 'verdicts',
    about: 'verdicts against known incidents, two hours of an unseen day',
    args: ['--seed', '33'],
    once: true,
  },
  {
    name: 'models',
    about: 'training steps, inference, the prediction server; beside scikit-learn and PyTorch where they are',
    once: true,
  },
  {
    name: 'models-in-process',
    about: 'models in the process beside an endpoint: the start of close, a call for a window',
    once: true,
  },
  {
    name: 'warehouse',
    about: 'the local BigQuery over 5 M log entries: appends, queries, translation',
    once: true,
  },
  { name: 'api', about: 'the API over 5 M log entries, and 50 live tails', once: true },
  { name: 'page', about: 'the page in Chromium: its size, and how long until it can be used', once: true },
  {
    name: 'end-to-end',
    about: 'published lines to rows and windows, on the laptop cloud',
    args: ['--rate', '15000', '--seconds', '60'],
  },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeat: { type: 'string', default: '3' },
    out: { type: 'string', default: '.logweir/bench' },
  },
});
const repeat = Number(values.repeat);
if (!(Number.isSafeInteger(repeat) && repeat > 0))
  throw new RangeError('--repeat must be a positive whole number');
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are: ${BENCHES.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}

interface Measured {
  readonly name: string;
  readonly about: string;
  readonly command: string;
  readonly runs: number;
  readonly seconds: number;
  /** It ended with an error: what it printed until then is no measurement. */
  readonly failed: boolean;
  readonly lines: readonly Line[];
}

const made = await conditions();
console.log(headOf(made).join('\n'));
const measured: Measured[] = [];
for (const bench of BENCHES) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  console.log(`\n── ${bench.name}: ${bench.about}`);
  const one = await measure(bench);
  console.log(one.lines.map(({ text }) => text).join('\n'));
  if (one.failed) process.exitCode = 1;
  measured.push(one);
  // After each: who breaks it off has what was measured.
  await write();
}

async function conditions() {
  const [cpu] = cpus();
  const { version, dependencies } = JSON.parse(
    await readFile(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
  ) as { readonly version: string; readonly dependencies: Readonly<Record<string, string>> };
  const said = (program: string, ...args: string[]): string | null => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    return status === 0 ? (`${stdout}${stderr}`.trim().split('\n')[0] ?? null) : null;
  };
  return {
    date: new Date().toISOString(),
    commit: said('git', 'rev-parse', '--short', 'HEAD'),
    machine: {
      ...{ cpu: cpu?.model.trim() ?? 'unknown', cores: cpus().length, platform: process.platform },
      memoryGb: Math.round(totalmem() / 2 ** 30),
    },
    // Under load figures are low, ratios less so.
    loadWhenStarted: loadavg()[0] ?? 0,
    versions: {
      ...{ logweir: version, node: process.version, duckdb: dependencies['@duckdb/node-api'] ?? null },
      onnxruntime: dependencies['onnxruntime-node'] ?? null,
      rsyslog: said('/usr/sbin/rsyslogd', '-v'),
      python: said('python3', '--version'),
      drain3: pythonWith('drain3')?.version ?? null,
      'scikit-learn': pythonWith('sklearn')?.version ?? null,
      torch: pythonWith('torch')?.version ?? null,
    },
  };
}

function headOf({ date, commit, machine, loadWhenStarted, versions }: typeof made): string[] {
  const { cpu, cores, memoryGb } = machine;
  const quiet = loadWhenStarted > 0.5 ? ' (not quiet: figures will be low)' : '';
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version ?? 'not installed'}`);
  return [
    `${date.slice(0, 16).replace('T', ' ')} UTC · ${cpu} × ${cores} · ${memoryGb} GB · commit ${commit ?? 'unknown'}`,
    `load when started: ${loadWhenStarted.toFixed(2)}${quiet}`,
    all.join(' · '),
  ];
}

async function measure({ name, about, args = [], once }: Bench): Promise<Measured> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const command = ['npx', 'tsx', `test/bench/${name}.ts`, ...args].join(' ');
  const startedMs = Date.now();
  const texts: string[] = [];
  let failed = !existsSync(file);
  const runs = once ? 1 : repeat;
  while (!failed && texts.length < runs) {
    const { text, status } = await printed(file, args);
    texts.push(text);
    failed = status !== 0;
  }
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  return { name, about, command, runs: texts.length, seconds, failed, lines: mediansOf(texts) };
}

function printed(file: string, args: readonly string[]): Promise<{ text: string; status: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) =>
    child.once('close', (code) =>
      resolve({ text: Buffer.concat(chunks).toString('utf8'), status: code ?? 1 }),
    ),
  );
}

async function write(): Promise<void> {
  await mkdir(values.out, { recursive: true });
  const file = join(values.out, made.date.slice(0, 19).replace(/[:T]/g, '-'));
  await writeFile(`${file}.json`, `${JSON.stringify({ ...made, benches: measured }, null, 2)}\n`);
  const parts = measured.map(({ name, about, command, runs, seconds, failed, lines }) =>
    [
      `## ${name}`,
      `${about[0]!.toUpperCase()}${about.slice(1)}. \`${command}\`, ${runs === 1 ? 'one run' : `medians of ${runs} runs`}, ${seconds} s in all${failed ? ' — **it failed**' : ''}.`,
      `\`\`\`\n${lines.map(({ text }) => text).join('\n')}\n\`\`\``,
    ].join('\n\n'),
  );
  await writeFile(`${file}.md`, `# Measured\n\n${headOf(made).join('  \n')}\n\n${parts.join('\n\n')}\n`);
  if (measured.length > 0) console.log(`(${file}.json and .md)`);
}

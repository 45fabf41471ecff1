/**
 * RFC 5424 lines read into fields: our parser (LogEntry with redaction and pattern, on one core) beside rsyslog where it is
 * installed (`apt-get install rsyslog`): over TCP on loopback, its fields written as JSON lines. In turns, in one run; lines a
 * second of processor time. rsyslog neither redacts nor finds patterns, and pays for its socket and its file.
 * `npx tsx test/bench/syslog-beside.ts [--runs 5] [--lines 200000]`
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isFailure } from '../../functions/ingest/failure.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { usageOf } from '../../local/experiment/usage.ts';
import { answers } from '../../local/start/process.ts';
import { median, rate, round } from './core-work.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, lines: { type: 'string', default: '200000' } },
});
const [RUNS, LINES] = [Number(values.runs), Number(values.lines)];
const PROGRAM = '/usr/sbin/rsyslogd';

const lines = Array.from(
  { length: LINES },
  (_, i) =>
    `<165>1 2026-11-20T10:00:${String(i % 60).padStart(2, '0')}.003Z host-${i % 9} orders ${i % 999} ID47 [meta@1 seq="${i}"] order ${i} placed by customer ${i % 977}`,
);
const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));

const parse = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 });
const origin = { batchId: 'b', receivedAtUs: 1_795_168_900_000_000, attributes: {}, latin1: false };

function ours(): number {
  let entries = 0;
  for (const [index, text] of lines.entries()) if (!isFailure(parse(text, { ...origin, index }))) entries++;
  return entries;
}

const CONFIG = (port: number, folder: string): string => `
module(load="imptcp")
template(name="fields" type="list" option.jsonf="on") {
  property(name="timereported" dateFormat="rfc3339" format="jsonf" outname="timestamp")
  property(name="hostname" format="jsonf" outname="host")
  property(name="app-name" format="jsonf" outname="service")
  property(name="procid" format="jsonf" outname="pid")
  property(name="syslogseverity-text" format="jsonf" outname="severity")
  property(name="structured-data" format="jsonf" outname="labels")
  property(name="msg" format="jsonf" outname="message")
}
input(type="imptcp" address="127.0.0.1" port="${port}" ruleset="all")
ruleset(name="all") { action(type="omfile" file="${folder}/out.ndjson" template="fields") }
`;

/** Lines a second of rsyslog's processor time; throws when it wrote fewer. */
async function theirs(folder: string): Promise<number> {
  const port = await freePort();
  const [config, out] = [join(folder, 'rsyslog.conf'), join(folder, 'out.ndjson')];
  await writeFile(config, CONFIG(port, folder));
  await rm(out, { force: true });
  const daemon = spawn(PROGRAM, ['-n', '-f', config, '-i', join(folder, 'pid')], { stdio: 'ignore' });
  const pid = daemon.pid!;
  try {
    while (!(await answers(port))) await delay(20);
    const before = await usageOf(pid);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
      socket.once('close', () => resolve());
      socket.once('error', reject);
    });
    let size = -1;
    for (let still = 0; still < 10; await delay(50)) {
      const now = existsSync(out) ? (await stat(out)).size : 0;
      still = now === size && now > 0 ? still + 1 : 0;
      size = now;
    }
    const after = await usageOf(pid);
    const written = (await readFile(out, 'utf8')).split('\n').length - 1;
    if (written !== LINES) throw new Error(`rsyslog wrote ${written} of ${LINES} lines`);
    return (1000 * LINES) / ((after?.cpuMs ?? 0) - (before?.cpuMs ?? 0));
  } finally {
    daemon.kill('SIGKILL');
    await new Promise((resolve) => daemon.once('close', resolve));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

const folder = await mkdtemp(join(tmpdir(), 'syslog-beside-'));
const rates: { ours: number[]; rsyslog: number[] } = { ours: [], rsyslog: [] };
const isThere = existsSync(PROGRAM);
for (let run = -1; run < RUNS; run++) {
  const mine = rate(ours);
  const other = isThere ? await theirs(folder) : Number.NaN;
  if (run < 0) continue;
  rates.ours.push(mine);
  rates.rsyslog.push(other);
}
await rm(folder, { recursive: true, force: true });
console.log(
  `${round(LINES)} lines of RFC 5424, ${round(bytes.length / LINES)} bytes each, medians of ${RUNS} runs`,
);
console.log(`our parser, redaction and pattern   ${round(median(rates.ours))} lines/s`);
if (isThere)
  console.log(
    `rsyslog                             ${round(median(rates.rsyslog))} lines/s; ours is ${(median(rates.ours) / median(rates.rsyslog)).toFixed(2)} of it`,
  );
else console.log('rsyslog                             not installed here');

/** `logweir ship`: arguments in, progress on standard error, exit code out. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { SETTINGS } from '../../functions/config.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { DEFAULT_DATA_DIR } from '../endpoints.ts';
import { wallTimers } from '../timers.ts';
import { type Counts, newCounts, progressLine, summaryLine } from './counts.ts';
import { ship } from './ship.ts';
import { resolveTarget, ShipError } from './target.ts';

interface Flags {
  readonly service?: string;
  readonly follow: boolean;
  readonly backfill?: boolean;
  readonly endpoint?: string;
  readonly project?: string;
  readonly topic?: string;
  readonly dataDir: string;
}

const NOTES = `
A batch is at most 1,000 lines or 1 MB. The same file shipped again (same host, path, service and content) is
counted once. Standard input, and a file under another path, are counted again. A file that grows is for --follow:
shipped again as a whole, the lines of its last batch count twice.

Batches with entries older than the allowed lateness (LOGWEIR_ALLOWED_LATENESS, 1h) are marked as backfill: their
windows are made all the same, without alerts.

--follow keeps its position under DATA_DIR/ship, goes on from there, and takes rotation and truncation as tail -F
does. Ctrl-C ships what was read and ends.

Exit code: 0 all shipped, 1 not all, 130 stopped by Ctrl-C before the end.`;

/** The subcommand, to be added to `logweir`. */
export function shipCommand(): Command {
  return new Command('ship')
    .description('publish log files as batches of lines, plain or gzip; "-" is standard input')
    .argument('<file...>', 'files to ship')
    .option('--service <name>', 'service of lines that name none (default: from the file name)', serviceName)
    .option('--follow', 'go on with what is appended, as tail -F does', false)
    .option('--backfill', 'mark every batch as backfill (default: by the age of its entries)')
    .option('--no-backfill', 'mark none')
    .option('--topic <name>', 'topic (default: the laptop’s, logs)')
    .option('--project <id>', 'project (default: the laptop’s)')
    .option('--endpoint <host:port>', 'Pub/Sub to publish to; pubsub.googleapis.com is Google’s own')
    .option('--data-dir <dir>', 'state of the laptop cloud, which names its endpoint', DEFAULT_DATA_DIR)
    .addHelpText('after', NOTES)
    .action(async (files: string[], flags: Flags) => {
      process.exitCode = await run(files, flags);
    });
}

function serviceName(text: string): string {
  if (/^\S{1,200}$/.test(text)) return text;
  throw new InvalidArgumentError('allowed: 1 to 200 characters without white space');
}

async function run(files: readonly string[], flags: Flags): Promise<number> {
  const counts = newCounts();
  const screen = progressOn(process.stderr, counts);
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Timers do not keep the process alive; a follower must.
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    const { backfill, service } = flags;
    await ship({
      files,
      target: await resolveTarget({ ...flags, env: process.env }),
      follow: flags.follow,
      ...(service === undefined ? {} : { service }),
      ...(backfill === undefined ? {} : { backfill }),
      latenessMs: latenessMs(),
      parse: createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 }),
      host: hostname(),
      stateDir: join(flags.dataDir, 'ship'),
      stdin: process.stdin,
      timers: wallTimers,
      signal: abort.signal,
      warn: screen.say,
      counts,
    });
    screen.end(files.length);
    if (counts.tooLong > 0) return 1;
    return abort.signal.aborted && !flags.follow ? 130 : 0;
  } catch (error) {
    if (counts.batches > 0) screen.end(files.length);
    else screen.clear();
    process.stderr.write(`logweir ship: ${messageOf(error)}\n`);
    return 1;
  } finally {
    clearInterval(alive);
    process.off('SIGINT', stop).off('SIGTERM', stop);
    // A terminal or pipe that is open still would keep the process alive.
    if (files.includes('-')) process.stdin.destroy();
  }
}

function latenessMs(): number {
  const { env, kind, default: fallback } = SETTINGS.allowedLatenessMs;
  const text = process.env[env] ?? fallback ?? '';
  const value = kind.parse(text);
  if (value === undefined) throw new ShipError(`${env}="${text}" is not valid; allowed: ${kind.allowed}`);
  return value;
}

function messageOf(error: unknown): string {
  if (error instanceof ShipError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Progress on one line of a terminal, or now and then on lines of its own. */
function progressOn(out: NodeJS.WriteStream, counts: Counts) {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const [before, after] = out.isTTY ? ['\r', '\x1b[K'] : ['', '\n'];
  let shown = -1;
  const show = (): void => {
    if (counts.batches === shown) return;
    shown = counts.batches;
    out.write(`${before}${progressLine(counts, elapsed())}${after}`);
  };
  const timer = setInterval(show, out.isTTY ? 500 : 10_000);
  const clear = out.isTTY ? '\r\x1b[K' : '';
  return {
    say: (text: string): void => {
      out.write(`${clear}${text}\n`);
    },
    clear: (): void => {
      clearInterval(timer);
      out.write(clear);
    },
    end: (files: number): void => {
      clearInterval(timer);
      out.write(`${clear}${summaryLine(counts, files, elapsed())}\n`);
    },
  };
}

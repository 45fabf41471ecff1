/**
 * Files → Pub/Sub, in batches of lines as the ingest reads them: gzipped, with service, host, file, batch id and,
 * for old entries, the mark of a backfill as attributes.
 * Guarantee: at least once; the same bytes at the same place of the same file have the same batch id and count
 * once. Standard input has no place to come back to: its batches are new ones each time.
 * Under pressure: reads no faster than Pub/Sub takes; memory is bounded whatever the files' sizes.
 */
import { randomUUID } from 'node:crypto';
import { access, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { ParseRecord } from '../../functions/parse/record-context.ts';
import type { Timers } from '../timers.ts';
import { ageCheck } from './age.ts';
import type { FileIdentity } from './batch-id.ts';
import { type Counts, newCounts } from './counts.ts';
import { type Cut, type CutLimits, Cutter } from './cutter.ts';
import { follow } from './follow.ts';
import { statePath } from './follow-state.ts';
import { pause } from './pause.ts';
import { openPublisher, type Publisher } from './publisher.ts';
import { Sender } from './sender.ts';
import { serviceOf } from './service-name.ts';
import { readSource } from './source.ts';
import { checkListening, ShipError, type Target } from './target.ts';
import { withTicks } from './ticks.ts';

export interface ShipOptions {
  /** Paths; `-` is standard input. */
  readonly files: readonly string[];
  readonly target: Target;
  /** Of lines that name none; told from each file's name by default. */
  readonly service?: string;
  readonly follow: boolean;
  /** Marks every batch, or none; told from the entries' age by default. */
  readonly backfill?: boolean;
  /** Entries older than this are backfill. */
  readonly latenessMs: number;
  readonly parse: ParseRecord;
  readonly host: string;
  /** Where followers keep their positions. */
  readonly stateDir: string;
  readonly stdin: Readable;
  readonly timers: Timers;
  /** Stops reading; what was read is still shipped. */
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  readonly counts?: Counts;
  readonly limits?: Partial<ShipLimits>;
  /** Called after each round of a follower, when everything that is there is shipped. */
  readonly caughtUp?: () => void;
}

export interface ShipLimits extends CutLimits {
  /** Largest message, compressed. */
  readonly maxPackedBytes: number;
}

/** Pub/Sub takes 10 MB a message, attributes included; the ingest unpacks 64 MiB unless it is set otherwise. */
export const SHIP_LIMITS: ShipLimits = {
  maxLines: 1000,
  maxBytes: 1_000_000,
  maxLineBytes: 48 * 2 ** 20,
  maxPackedBytes: 9_000_000,
};

/** A batch of standard input waits no longer than this for its thousandth line. */
const TICK_MS = 1000;
const AGAIN_MS = 5000;

/** Ships the files; resolves when Pub/Sub has everything. Throws ShipError for what the user can mend. */
export async function ship(options: ShipOptions): Promise<Counts> {
  const counts = options.counts ?? newCounts();
  await checkFiles(options);
  await checkListening(options.target);
  const publisher = await openPublisher(options.target);
  try {
    if (options.follow) {
      await Promise.all(options.files.map((path) => followFile(path, options, publisher, counts)));
    } else {
      for (const path of options.files) {
        if (!options.signal.aborted) await shipFile(path, options, publisher, counts);
      }
    }
  } finally {
    await publisher.close();
  }
  return counts;
}

async function checkFiles({ files, follow, warn }: ShipOptions): Promise<void> {
  for (const path of files) {
    if (path === '-') {
      if (follow) throw new ShipError('standard input cannot be followed: it is read to its end anyway');
      continue;
    }
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
    if (!(found instanceof Error)) {
      if (found.isDirectory()) throw new ShipError(`${path} is a folder: name its files`);
      await access(path).catch((error: Error) => {
        throw new ShipError(error.message);
      });
    } else if (found.code !== 'ENOENT') throw new ShipError(found.message);
    else if (!follow) throw new ShipError(`${path} does not exist`);
    else warn(`${path} does not exist yet: waiting for it`);
  }
}

async function shipFile(
  path: string,
  options: ShipOptions,
  publisher: Publisher,
  counts: Counts,
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([options.signal, failed.signal]);
  const giveUp = async (): Promise<boolean> => {
    failed.abort();
    return false;
  };
  const sender = senderOf(path, options, publisher, counts, giveUp);
  const file = { ...identityOf(path, options), generation: path === '-' ? randomUUID() : '' };
  const cutter = new Cutter(limitsOf(options));
  const chunks = readSource(path, options.stdin);
  try {
    for await (const chunk of path === '-' ? withTicks(chunks, options.timers, TICK_MS, stop) : chunks) {
      const cuts = chunk === null ? cutter.flush() : cutter.push(chunk);
      for (const cut of cuts) await sender.send(file, cut);
      if (options.signal.aborted) break;
    }
  } finally {
    // Also after a failure to read: what could be read is shipped.
    const rest = options.signal.aborted ? restWhenStopped(path, cutter) : cutter.end();
    for (const cut of rest) await sender.send(file, cut);
    await sender.settle();
  }
}

/** Part of a batch of a file would have another id than the whole, and count twice when the file is shipped again. */
const restWhenStopped = (path: string, cutter: Cutter): Cut[] => (path === '-' ? cutter.flush() : []);

function followFile(path: string, options: ShipOptions, publisher: Publisher, counts: Counts): Promise<void> {
  const { timers, signal, warn } = options;
  const file = identityOf(path, options);
  const again = async (error: unknown): Promise<boolean> => {
    if (error instanceof ShipError || signal.aborted) return false;
    warn(`${path}: ${error instanceof Error ? error.message : String(error)}; trying again`);
    await pause(timers, AGAIN_MS, signal);
    return true;
  };
  return follow({
    path: file.path,
    file,
    stateFile: statePath(options.stateDir, file.path, options.target),
    limits: limitsOf(options),
    sender: senderOf(path, options, publisher, counts, again),
    timers,
    newGeneration: randomUUID,
    warn,
    signal,
    ...(options.caughtUp ? { caughtUp: options.caughtUp } : {}),
  });
}

function senderOf(
  path: string,
  options: ShipOptions,
  publisher: Publisher,
  counts: Counts,
  again: (error: unknown) => Promise<boolean>,
): Sender {
  const { backfill, parse, latenessMs, timers, warn } = options;
  return new Sender({
    publisher,
    counts,
    isBackfill:
      backfill === undefined ? ageCheck({ parse, latenessMs, now: () => timers.now() }) : () => backfill,
    warn,
    maxPackedBytes: limitsOf(options).maxPackedBytes,
    fileName: path === '-' ? 'stdin' : basename(path),
    again,
  });
}

const limitsOf = (options: ShipOptions): ShipLimits => ({ ...SHIP_LIMITS, ...options.limits });

const identityOf = (path: string, options: ShipOptions): Omit<FileIdentity, 'generation'> => ({
  host: options.host,
  path: path === '-' ? '-' : resolve(path),
  service: options.service ?? serviceOf(path),
});

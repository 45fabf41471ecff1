/**
 * Rows → files in the staging bucket, which load jobs take into BigQuery for nothing. What an instance has in hand
 * within a short wait goes into one file, because every file that is written costs.
 *
 * Guarantee: `write` resolves when the rows stand in a file; if that fails it rejects for every batch of the file, and
 * their messages come again. At least once: what comes again stands in two files, and the views show it once.
 * Under pressure: a file is written when its rows have `maxBytes`, without waiting; files are written side by side.
 */
import type { Table } from '../warehouse/table.ts';
import { BlockWriter, containerHead } from './avro-rows.ts';
import { rowsName } from './layout.ts';

export interface StagedRows<Row> {
  write(rows: readonly Row[]): Promise<void>;
}

export interface StagingEffects {
  /** Stores a new object. */
  readonly put: (name: string, body: Buffer) => Promise<void>;
  readonly clock: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** A new id: 32 hexadecimal digits. */
  readonly newId: () => string;
}

export interface StagingSettings {
  /** From the first batch of a file to its writing, at most. */
  readonly stagingWaitMs: number;
  readonly maxBytes: number;
}

/** A file that still takes batches. */
interface OpenFile {
  readonly name: string;
  readonly sync: Buffer;
  readonly pieces: Buffer[];
  bytes: number;
  /** Writes it now, instead of when the wait is over. */
  readonly finish: () => void;
  readonly stored: Promise<void>;
}

export function stageRows<Row>(
  table: Table<Row>,
  { put, clock, pause, newId }: StagingEffects,
  { stagingWaitMs, maxBytes }: StagingSettings,
): StagedRows<Row> {
  const writer = new BlockWriter(table);
  let open: OpenFile | null = null;

  const begin = (): OpenFile => {
    const id = newId();
    const { promise: full, resolve: finish } = withResolver();
    const sync = Buffer.from(id, 'hex');
    const head = containerHead(table as Table<never>, sync);
    const stored = Promise.race([full, pause(stagingWaitMs)]).then(() => {
      if (open === file) open = null;
      return put(file.name, Buffer.concat(file.pieces));
    });
    const file: OpenFile = {
      ...{ name: rowsName(clock(), id), sync, pieces: [head], bytes: head.length },
      ...{ finish, stored },
    };
    return file;
  };

  return {
    async write(rows) {
      if (rows.length === 0) return;
      open ??= begin();
      const file = open;
      for (const piece of writer.blocks(rows, file.sync)) {
        file.pieces.push(piece);
        file.bytes += piece.length;
      }
      if (file.bytes >= maxBytes) {
        open = null;
        file.finish();
      }
      await file.stored;
    },
  };
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/**
 * What a replay would read, without running it. Files and bytes are exact; messages are counted in a sample of files,
 * because to count them all is to read them all.
 */
import type { LogPipeline } from '../job.ts';
import type { Archive, Span } from './archive.ts';
import { DamagedFile } from './avro-cursor.ts';
import type { History } from './history.ts';
import { type ArchiveFile, openFile } from './message-file.ts';
import { wholeWindows } from './replay.ts';
import { filesFor } from './replay-files.ts';

export interface Plan {
  readonly span: Span;
  readonly files: number;
  readonly bytes: number;
  /** Estimated from `sampled` files; exact when that is all of them. */
  readonly messages: number;
  readonly sampled: number;
  /** Windows of the span, of each job. */
  readonly windows: number;
  /** Of these, windows that have rows, of all jobs. */
  readonly standing: number;
  /** Of the sample. */
  readonly damaged: readonly string[];
}

const SAMPLE = 16;

/** Plans a replay of a span of event time. */
export async function planReplay(
  events: Span,
  effects: { readonly archive: Archive; readonly history: History },
  { pipelines, marginMs }: { readonly pipelines: readonly LogPipeline[]; readonly marginMs: number },
): Promise<Plan> {
  const span = wholeWindows(events, pipelines);
  const { start, end } = pipelines[0]!.job.assigner.assign(span.fromMs)[0]!;
  const files = await filesFor(span, marginMs, effects);
  const standing = await Promise.all(
    pipelines.map(({ job, table }) => effects.history.windows(table.name, job.name, span)),
  );
  return {
    span,
    files: files.length,
    bytes: sizeOf(files),
    ...(await countMessages(files, effects.archive)),
    windows: Math.round((span.toMs - span.fromMs) / (end - start)),
    standing: standing.reduce((sum, { size }) => sum + size, 0),
  };
}

async function countMessages(files: readonly ArchiveFile[], archive: Archive) {
  const step = Math.max(1, files.length / SAMPLE);
  const sample = files.filter((_, i) => Math.floor(i / step) > Math.floor((i - 1) / step));
  const damaged: string[] = [];
  let messages = 0;
  for (const file of sample) {
    try {
      for await (const _ of (await openFile(file, archive.download(file)))()) messages++;
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error;
      damaged.push(file.name);
    }
  }
  const share = sizeOf(files) / Math.max(1, sizeOf(sample));
  return { messages: Math.round(messages * share), sampled: sample.length, damaged };
}

const sizeOf = (files: readonly ArchiveFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

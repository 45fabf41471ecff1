/**
 * What is being loaded: one object, replaced only by whoever read its newest generation. It names the files of the load
 * job and the job's id before the job is started, so whoever comes next, after a death or at the same time, goes on with
 * the same job, which BigQuery runs once.
 *
 *   idle ──list──▶ loading ──job done──▶ files removed ──▶ idle
 *                    │  └──job failed──▶ loading, the same files, another job
 *                    └──files refused──▶ loading, the first half; the rest is doubted ──▶ … one file: row by row ──▶ idle
 *
 * Files are listed after the state was read, and written into it only if nobody changed it since; files are removed
 * before the state says that they are done. So no file is in two loads, and none is forgotten.
 */
import type { Bucket } from '@google-cloud/storage';
import { z } from 'zod';
import { STATE_NAME } from './layout.ts';

const shape = z.object({
  format: z.literal('logweir-load-1'),
  /** Null: nothing is being loaded. */
  load: z
    .object({
      /** The job's id ends in it. */
      id: z.string(),
      files: z.array(z.string()).min(1),
      /** Files among which one is that BigQuery refuses: next. */
      doubted: z.array(z.string()),
      /** Jobs for these files that failed. */
      failures: z.int(),
    })
    .nullable(),
});

export type LoadState = Readonly<z.infer<typeof shape>>;
export type CurrentLoad = Readonly<NonNullable<LoadState['load']>>;

/** The state and the generation that it was read at; 0: there is none yet. */
export interface StoredState {
  readonly load: CurrentLoad | null;
  readonly generation: string | number;
}

export interface LoadStates {
  read(): Promise<StoredState>;
  /** The state as it is now; null: somebody else wrote it since. */
  write(load: CurrentLoad | null, replaces: StoredState): Promise<StoredState | null>;
}

const PRECONDITION_FAILED = 412;
const NOT_FOUND = 404;

/** The state in a bucket. Rejects for one that is not what this writes. */
export function stateIn(bucket: Pick<Bucket, 'file'>): LoadStates {
  return {
    async read() {
      try {
        const [metadata] = await bucket.file(STATE_NAME).getMetadata();
        const generation = String(metadata.generation);
        const [text] = await bucket.file(STATE_NAME, { generation }).download();
        return { load: shape.parse(JSON.parse(text.toString('utf8'))).load, generation };
      } catch (error) {
        if ((error as { code?: unknown }).code !== NOT_FOUND) throw error;
        return { load: null, generation: 0 };
      }
    },
    async write(load, { generation }) {
      const file = bucket.file(STATE_NAME);
      const state: LoadState = { format: 'logweir-load-1', load };
      try {
        await file.save(JSON.stringify(state), {
          resumable: false,
          contentType: 'application/json',
          preconditionOpts: { ifGenerationMatch: generation },
        });
      } catch (error) {
        if ((error as { code?: unknown }).code === PRECONDITION_FAILED) return null;
        throw error;
      }
      return { load, generation: String(file.metadata.generation) };
    },
  };
}

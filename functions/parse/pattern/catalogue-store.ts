/**
 * Where the catalogue lies: one object in Cloud Storage, replaced whole. A writer names the generation it started
 * from, so that of two learners at once one is told to start again; a reader downloads only what it does not have.
 */
import type { Bucket } from '@google-cloud/storage';

export interface Stored {
  /** Grows with each write. */
  readonly generation: string;
  readonly text: string;
}

export interface CatalogueStore {
  /** The stored text; null where there is none. 'same': still of the generation given. */
  read(known: string | null): Promise<Stored | 'same' | null>;
  /** Replaces what is of the generation given (null: nothing). False: it is of another by now. */
  write(text: string, replaces: string | null): Promise<boolean>;
}

const DEFAULT_NAME = 'patterns/catalogue.json';

/** The catalogue in a bucket. Errors of the client reject, but "not found" and "precondition failed" are answers. */
export function catalogueInBucket(bucket: Pick<Bucket, 'file'>, name = DEFAULT_NAME): CatalogueStore {
  return {
    async read(known) {
      try {
        const [metadata] = await bucket.file(name).getMetadata();
        const generation = String(metadata.generation);
        if (generation === known) return 'same';
        const [content] = await bucket.file(name, { generation }).download();
        return { generation, text: content.toString('utf8') };
      } catch (error) {
        if (codeOf(error) === 404) return null;
        throw error;
      }
    },
    async write(text, replaces) {
      try {
        await bucket.file(name).save(text, {
          resumable: false,
          contentType: 'application/json',
          preconditionOpts: { ifGenerationMatch: replaces ?? 0 },
        });
        return true;
      } catch (error) {
        if (codeOf(error) === 412) return false;
        throw error;
      }
    },
  };
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

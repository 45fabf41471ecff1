/**
 * What stands for a day in the cold tier: one object that lists its parts, written after their files were read back and
 * found right. A day has several parts when rows of it arrived after it had moved.
 */
import type { Bucket } from '@google-cloud/storage';
import { z } from 'zod';
import { manifestName } from './layout.ts';

const partShape = z.object({
  /** Begins the names of its files. */
  id: z.string(),
  rows: z.int(),
  /** Sums over the rows' hashes (tier-sql.ts). */
  sums: z.tuple([z.string(), z.string()]),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), crc32c: z.string() })),
  movedAt: z.iso.datetime(),
});

const shape = z.object({
  format: z.literal('logweir-tier-1'),
  day: z.iso.date(),
  parts: z.array(partShape),
});

export type Part = Readonly<z.infer<typeof partShape>>;
export type Manifest = Readonly<z.infer<typeof shape>>;

/** A manifest and the generation that it was read at; 0: there is none yet. */
export interface StoredManifest {
  readonly manifest: Manifest;
  readonly generation: string | number;
}

export interface Manifests {
  read(day: string): Promise<StoredManifest>;
  /** False: somebody else wrote it since. */
  write(manifest: Manifest, replaces: StoredManifest): Promise<boolean>;
}

/** The manifests in a bucket. Rejects for one that is not what this writes. */
export function manifestsIn(bucket: Pick<Bucket, 'file'>): Manifests {
  return {
    async read(day) {
      try {
        const [metadata] = await bucket.file(manifestName(day)).getMetadata();
        const generation = String(metadata.generation);
        const [text] = await bucket.file(manifestName(day), { generation }).download();
        return { manifest: shape.parse(JSON.parse(text.toString('utf8'))), generation };
      } catch (error) {
        if ((error as { code?: unknown }).code !== 404) throw error;
        return { manifest: { format: 'logweir-tier-1', day, parts: [] }, generation: 0 };
      }
    },
    async write(manifest, { generation }) {
      try {
        await bucket.file(manifestName(manifest.day)).save(JSON.stringify(manifest, null, 2), {
          resumable: false,
          contentType: 'application/json',
          preconditionOpts: { ifGenerationMatch: generation },
        });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 412) return false;
        throw error;
      }
    },
  };
}

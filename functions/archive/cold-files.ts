/**
 * Files of the cold tier, and the manifest that says which of them count.
 * Guarantee: a file is removed only when no manifest can come to list it: it was there, unlisted, before a manifest of
 * its day was written, so whoever had made it finds the manifest changed and gives up.
 */
import type { Bucket } from '@google-cloud/storage';
import { COLD_PREFIX } from './layout.ts';
import type { Manifest, Manifests, Part, StoredManifest } from './manifest.ts';

type ColdBucket = Pick<Bucket, 'name' | 'getFiles'>;

/** Removes the files whose names begin as the pattern does, up to its `*`. */
export async function removeFiles(bucket: ColdBucket, pattern: string): Promise<void> {
  const [files] = await bucket.getFiles({ prefix: pattern.slice(0, pattern.indexOf('*')) });
  for (const file of files) await file.delete({ ignoreNotFound: true });
}

/** The files of a part of a day. */
export async function filesOfPart(bucket: ColdBucket, day: string, id: string): Promise<Part['files']> {
  const [files] = await bucket.getFiles({ prefix: `${COLD_PREFIX}day=${day}/` });
  return files
    .filter(({ name }) => name.slice(name.lastIndexOf('/') + 1).startsWith(`${id}-`))
    .map(({ name, metadata }) => ({ name, bytes: Number(metadata.size), crc32c: String(metadata.crc32c) }));
}

/** Writes a day's manifest and removes the files that it does not list. Rejects when somebody else has written it. */
export async function replaceManifest(
  manifest: Manifest,
  stored: StoredManifest,
  { manifests, bucket }: { readonly manifests: Manifests; readonly bucket: ColdBucket },
): Promise<void> {
  const listed = new Set(manifest.parts.flatMap(({ files }) => files.map(({ name }) => name)));
  const [files] = await bucket.getFiles({ prefix: `${COLD_PREFIX}day=${manifest.day}/` });
  const others = files.filter(({ name }) => !listed.has(name));
  if (!(await manifests.write(manifest, stored)))
    throw new Error(`day ${manifest.day}: another run has written its manifest; run again`);
  for (const file of others) await file.delete({ ignoreNotFound: true });
}

/** Which days have left BigQuery for the cold tier: those with a manifest. */
import type { Bucket } from '@google-cloud/storage';
import { dayOfManifest, MANIFEST_PREFIX } from './layout.ts';

/** The days, as YYYY-MM-DD. */
export async function coldDaysIn(bucket: Pick<Bucket, 'getFiles'>): Promise<ReadonlySet<string>> {
  const [files] = await bucket.getFiles({ prefix: MANIFEST_PREFIX });
  return new Set(files.flatMap(({ name }) => dayOfManifest(name) ?? []));
}

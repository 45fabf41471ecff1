/** Files of a folder of Cloud Storage → a folder. */
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { ApiError } from '../http.ts';

/** Downloads the files under `gs://bucket/prefix`. Throws ApiError when there are none. */
export async function downloadFolder(uri: string, dir: string, apiEndpoint: string): Promise<void> {
  const match = /^gs:\/\/([^/]+)\/(.+?)\/?$/.exec(uri);
  if (match === null) throw new ApiError(400, `artifactUri must be gs://BUCKET/FOLDER, not ${uri}`, INVALID);
  const bucket = new Storage({ projectId: 'local', apiEndpoint }).bucket(match[1]!);
  const [files] = await bucket
    .getFiles({ prefix: `${match[2]}/` })
    .catch((error: { readonly code?: unknown }): [[]] => {
      if (error.code === 404) return [[]];
      throw error;
    });
  if (files.length === 0) throw new ApiError(400, `there are no files under ${uri}`, INVALID);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await Promise.all(
    files.map((file) => file.download({ destination: join(dir, basename(file.name)), validation: 'crc32c' })),
  );
}

export const INVALID = { status: 'INVALID_ARGUMENT', reason: 'badRequest' } as const;

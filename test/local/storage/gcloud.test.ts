import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StorageService, startStorage } from '../../../local/storage/service.ts';

const isInstalled = (process.env.PATH ?? '').split(delimiter).some((dir) => {
  try {
    accessSync(join(dir, 'gcloud'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

describe.skipIf(!isInstalled)('gcloud storage (skipped where gcloud is not installed)', () => {
  let home: string;
  let service: StorageService;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'gcloud-'));
    service = await startStorage({ port: 0, dataDir: join(home, 'data') });
  });
  afterAll(async () => {
    await service.close();
    await rm(home, { recursive: true });
  });

  const gcloud = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('gcloud', ['storage', ...args], {
      encoding: 'utf8',
      env: {
        ...process.env,
        CLOUDSDK_CONFIG: join(home, 'config'),
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
        CLOUDSDK_CORE_PROJECT: 'demo',
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
        CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `http://127.0.0.1:${service.port}/storage/v1/`,
      },
    });
    return stdout;
  };

  it('makes a bucket, copies files there and back, lists, prints and removes them', async () => {
    const small = join(home, 'small.txt');
    const large = join(home, 'large.bin');
    const back = join(home, 'back.bin');
    const bytes = randomBytes(12 << 20);
    await writeFile(small, 'hello\n');
    await writeFile(large, bytes);
    await gcloud('buckets', 'create', 'gs://archive');
    await gcloud('cp', small, 'gs://archive/logs/2026/small.txt');
    await gcloud('cp', large, 'gs://archive/logs/large.bin');
    expect(await gcloud('ls', 'gs://archive/**')).toBe(
      'gs://archive/logs/2026/small.txt\ngs://archive/logs/large.bin\n',
    );
    expect(await gcloud('ls', '-l', 'gs://archive/logs')).toMatch(
      /12582912 .* gs:\/\/archive\/logs\/large\.bin/,
    );
    expect(await gcloud('cat', 'gs://archive/logs/2026/small.txt')).toBe('hello\n');
    await gcloud('cp', 'gs://archive/logs/large.bin', back);
    expect((await readFile(back)).equals(bytes)).toBe(true);
    await gcloud('mv', 'gs://archive/logs/2026/small.txt', 'gs://archive/moved.txt');
    await gcloud('rm', '-r', 'gs://archive/logs');
    expect(await gcloud('ls', 'gs://archive')).toBe('gs://archive/moved.txt\n');
    await expect(gcloud('ls', 'gs://nobodys')).rejects.toThrow('gs://nobodys not found: 404');
  }, 300_000);
});

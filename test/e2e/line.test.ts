/** A log line's whole way: published with Google's client, parsed, counted, asked for in SQL, archived. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Laptop, startLaptop, until } from './laptop.ts';

interface FluentdCase {
  readonly input: readonly string[];
  readonly messages: readonly { readonly data: string; readonly attributes?: Record<string, string> }[];
}

const CASES = ['gc-batches', 'gc-plain', 'gc-text', 'mia-gzip', 'mia-plain'];
const BACKFILL = { 'logweir-backfill': 'true' };

const installed = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

// Nine processes share the machine's cores with the other tests.
vi.setConfig({ testTimeout: 90_000 });

let laptop: Laptop;

beforeAll(async () => {
  laptop = await startLaptop({ archiveMs: 1000 });
}, 60_000);

afterAll(async () => {
  await laptop?.close();
}, 60_000);

const count = async (query: string): Promise<number> => Number((await laptop.query(query))[0]?.n);

const LOGS = "FROM logs WHERE timestamp > TIMESTAMP '1970-01-01'";

describe('a log line', () => {
  it('of a real Fluentd is a row and is counted in its window, once, however often it comes', async () => {
    let records = 0;
    for (const name of CASES) {
      const url = new URL(`../cases/fluentd/${name}.json`, import.meta.url);
      const { input, messages } = JSON.parse(await readFile(url, 'utf8')) as FluentdCase;
      records += input.length;
      for (const { data, attributes } of messages) {
        const bytes = Buffer.from(data, 'base64');
        await laptop.publish(bytes, { ...attributes, ...BACKFILL });
        // Fluentd publishes a chunk again when it did not hear the answer; single records have no identity of their own.
        if (name === 'gc-batches') await laptop.publish(bytes, { ...attributes, ...BACKFILL });
      }
    }
    await laptop.quiet();
    expect(await count(`SELECT COUNT(*) AS n ${LOGS}`)).toBe(records);
    expect(await count('SELECT SUM(entries) AS n FROM windows')).toBe(records);
    expect(await count('SELECT COUNT(*) AS n FROM refusals')).toBe(0);
  });

  it('that is hostile ends as a row or as a dead letter that says why', async () => {
    const before = await count(`SELECT COUNT(*) AS n ${LOGS}`);
    const nested = `{"message":"deep","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    const time = (timestamp: unknown) => JSON.stringify({ message: 'time', service: 'clock', timestamp });
    const messages: (readonly [data: Buffer, attributes?: Record<string, string>])[] = [
      [
        deflateSync(Buffer.from('{"message":"cut"}\n'.repeat(500))).subarray(0, 40),
        { compression_algorithm: 'zlib' },
      ],
      [deflateSync(Buffer.alloc(200_000_000)), { compression_algorithm: 'zlib' }],
      [Buffer.from(`{"message":"${'x'.repeat(9_000_000)}"}`)],
      [Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
      [Buffer.from('a NUL \0 inside')],
      [Buffer.from(nested)],
      [Buffer.from('{"message":"one","message":"two","__proto__":{"polluted":true},"service":"auth"}')],
      [
        gzipSync(
          Buffer.from(
            [
              time('0000-01-01T00:00:00Z'),
              time('9999-12-31T23:59:59Z'),
              time(1_795_168_800),
              time(1_795_168_800_000_000),
            ].join('\n'),
          ),
        ),
      ],
      [Buffer.from('{"message":"no service"}')],
    ];
    for (const [data, attributes] of messages) {
      await laptop.publish(data, { ...attributes, ...BACKFILL });
    }
    await laptop.quiet();
    const letters = await laptop.query(
      'SELECT stage, reason, COUNT(*) AS n FROM refusals GROUP BY stage, reason ORDER BY reason',
    );
    const rows = (await count(`SELECT COUNT(*) AS n ${LOGS}`)) - before;
    const dead = letters.reduce((sum, letter) => sum + Number(letter.n), 0);
    expect(letters.map(({ stage, reason }) => `${stage}:${reason}`)).toEqual([
      'ingest:bomb',
      'parse:too_deep',
      'parse:too_large',
      'ingest:truncated',
    ]);
    expect(rows + dead).toBe(messages.length + 3);
    expect(
      await count(`SELECT COUNT(*) AS n ${LOGS} AND service = 'unknown' AND message = 'no service'`),
    ).toBe(1);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('is in the archive, as Avro files that Pub/Sub wrote', async () => {
    const { projectId, storage, archiveBucket } = laptop.cloud.endpoints;
    const client = new Storage({ projectId, apiEndpoint: storage });
    await until(async () => (await client.bucket(archiveBucket).getFiles())[0].length > 0);
    const [files] = await client.bucket(archiveBucket).getFiles();
    const [bytes] = await files[0]!.download();
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('Obj\x01');
  });
});

describe.skipIf(!installed('bq'))('the real bq (skipped where it is not installed)', () => {
  it('lists the tables and answers a query', async () => {
    const { bigquery, projectId } = laptop.cloud.endpoints;
    const home = await mkdtemp(join(tmpdir(), 'bq-'));
    const bq = async (...args: string[]): Promise<string> => {
      const global = [
        `--api=${bigquery}`,
        `--project_id=${projectId}`,
        '--oauth_access_token=local',
        '--headless',
      ];
      const { stdout } = await promisify(execFile)('bq', [...global, ...args], {
        env: { ...process.env, HOME: home, CLOUDSDK_CONFIG: join(home, 'config') },
      });
      return stdout;
    };
    expect(await bq('ls', 'logweir')).toMatch(/log_entries[\s\S]*service_windows/);
    expect(
      await bq(
        '--format=csv',
        'query',
        '--use_legacy_sql=false',
        `SELECT COUNT(*) > 0 AS found FROM logweir.logs WHERE timestamp > TIMESTAMP '1970-01-01'`,
      ),
    ).toContain('true');
    await rm(home, { recursive: true, force: true });
  });
});

describe.skipIf(!installed('gcloud'))('the real gcloud storage (skipped where it is not installed)', () => {
  it('lists the archive', async () => {
    const { storage, projectId, archiveBucket } = laptop.cloud.endpoints;
    const home = await mkdtemp(join(tmpdir(), 'gcloud-'));
    const { stdout } = await promisify(execFile)(
      'gcloud',
      ['storage', 'ls', `gs://${archiveBucket}/raw/**`],
      {
        env: {
          ...process.env,
          CLOUDSDK_CONFIG: home,
          CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
          CLOUDSDK_CORE_PROJECT: projectId,
          CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
          CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${storage}/storage/v1/`,
        },
      },
    );
    expect(stdout).toMatch(/^gs:\/\/logweir-archive\/raw\/.*\.avro$/m);
    await rm(home, { recursive: true, force: true });
  });
});

/** `logweir sql` as a user meets it: what stands on the two outputs, and the errors. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BigQuery } from '@google-cloud/bigquery';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import { type Endpoints, PROJECT, writeEndpoints } from '../../../local/endpoints.ts';
import { sqlCommand } from '../../../local/sql-command/command.ts';

let folder: string;
let service: BigqueryService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sql-command-'));
  service = await startBigquery({ port: 0, writePort: 0, dataDir: join(folder, 'data'), projectId: PROJECT });
  const url = `http://127.0.0.1:${service.port}`;
  const unused = 'http://127.0.0.1:1';
  const endpoints: Endpoints = {
    projectId: PROJECT,
    dataset: 'logweir',
    topic: 'logs',
    archiveBucket: 'archive',
    stateBucket: 'state',
    pubsub: '127.0.0.1:1',
    bigqueryWrite: `127.0.0.1:${service.writePort}`,
    firestore: '127.0.0.1:1',
    bigquery: url,
    storage: unused,
    tasks: unused,
    parse: unused,
    close: unused,
    sweep: unused,
    learn: unused,
    tier: unused,
    drift: unused,
    alert: unused,
    remind: unused,
    alerts: unused,
    smtp: unused,
    page: unused,
    vertex: unused,
    modelEndpoint: '1',
    verdictTopic: 'verdicts',
    pid: process.pid,
  };
  await writeEndpoints(folder, endpoints);
  const query = `CREATE SCHEMA logweir;
    CREATE TABLE logweir.log_entries (insert_id STRING, timestamp TIMESTAMP, received_at TIMESTAMP, service STRING,
      severity STRING, message STRING, trace_id STRING, labels JSON);
    INSERT INTO logweir.log_entries VALUES
      ('a', TIMESTAMP '2026-11-20 10:00:00.123456+00', TIMESTAMP '2026-11-20 10:00:01+00', 'auth', 'ERROR', 'Timeout', 't', JSON '{"n":1}'),
      ('a', TIMESTAMP '2026-11-20 10:00:00.123456+00', TIMESTAMP '2026-11-20 10:00:02+00', 'auth', 'ERROR', 'Timeout', 't', JSON '{"n":1}'),
      ('b', TIMESTAMP '2026-11-20 10:00:03+00', TIMESTAMP '2026-11-20 10:00:04+00', 'pay', 'INFO', 'paid', NULL, NULL)`;
  await new BigQuery({ projectId: PROJECT, apiEndpoint: url }).query(query);
});

afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => vi.restoreAllMocks());

/** Runs the command in this process. */
async function sql(...args: string[]): Promise<{ readonly out: string; readonly said: string }> {
  let out = '';
  let said = '';
  const keep = (text: unknown): boolean => {
    out += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(console, 'log').mockImplementation((text: unknown) => void keep(`${text}\n`));
  vi.spyOn(console, 'error').mockImplementation((text: unknown) => {
    said += `${text}\n`;
  });
  try {
    await sqlCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync(['--data-dir', folder, ...args], { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return { out, said };
}

const RANGE = [
  '--param',
  'since:TIMESTAMP:2026-11-20',
  '--param',
  'until:TIMESTAMP:2026-11-21 00:00:00',
] as const;

describe('an answer', () => {
  it('is rows on standard output; count, time and bytes beside it', async () => {
    const { out, said } = await sql('SELECT service FROM log_entries GROUP BY service ORDER BY service');
    expect(out.split('\n')).toEqual(['service', '───────', 'auth', 'pay', '']);
    expect(said).toMatch(/^2 rows, \d+\.\d\d s, \d+ B read\n$/);
  });

  it('as JSON has numbers, documents and every digit', async () => {
    const query = `SELECT labels, 7 AS n, 9007199254740993 AS big, NUMERIC '1.50' AS d, timestamp, DATE '2026-01-02' AS day,
      [STRUCT(1 AS a)] AS l FROM log_entries WHERE service = 'auth' LIMIT 1`;
    expect(JSON.parse((await sql('--format', 'json', query)).out)).toEqual({
      labels: { n: 1 },
      n: 7,
      big: '9007199254740993',
      d: '1.5',
      timestamp: '2026-11-20T10:00:00.123456Z',
      day: '2026-01-02',
      l: [{ a: 1 }],
    });
  });

  it('without rows still has its header, and is no error', async () => {
    const query = `SELECT service FROM log_entries WHERE service = 'none'`;
    expect((await sql('--format', 'csv', query)).out).toBe('service\r\n');
    expect((await sql('--format', 'json', query)).out).toBe('');
    expect((await sql(query)).said).toMatch(/^0 rows, /);
  });

  it('ends where --max-rows says, and tells what a change changed', async () => {
    const five = 'SELECT x FROM UNNEST(GENERATE_ARRAY(1, 5)) AS x ORDER BY x';
    expect((await sql('--max-rows', '2', '--format', 'csv', five)).out).toBe('x\r\n1\r\n2\r\n');
    const { out, said } = await sql(`UPDATE log_entries SET trace_id = NULL WHERE service = 'pay'`);
    expect([out, said.replace(/,.*\n/, '')]).toEqual(['', '1 rows changed']);
  });

  it('of a dry run is the columns and the bytes, with nothing run', async () => {
    const { out } = await sql('--dry-run', 'DELETE FROM log_entries WHERE TRUE; SELECT 1 AS one');
    expect(out).toMatch(/^would read at most \d+ B\n {2}one INTEGER\n$/);
    expect((await sql('--format', 'csv', 'SELECT COUNT(*) AS n FROM log_entries')).out).toContain('3');
  });
});

describe('parameters', () => {
  it('of every type reach the query', async () => {
    const types = {
      a: ['INT64', '42'],
      b: ['FLOAT64', '1.5'],
      c: ['BOOL', 'true'],
      d: ['TIMESTAMP', '2026-11-20T10:00:00.5Z'],
      e: ['DATE', '2026-11-20'],
      f: ['DATETIME', '2026-11-20 10:00:00'],
      g: ['TIME', '10:00:00'],
      h: ['NUMERIC', '1.5'],
      i: ['BYTES', 'aGk='],
      j: ['', "'; DROP TABLE log_entries; --"],
      k: ['STRING', 'NULL'],
      l: ['ARRAY<DATE>', '["2026-11-20"]'],
    };
    const given = Object.entries(types).flatMap(([name, [type, value]]) => [
      '--param',
      `${name}:${type}:${value}`,
    ]);
    const columns = Object.keys(types).map((name) => `@${name} AS ${name}`);
    const { out } = await sql(...given, '--format', 'json', `SELECT ${columns.join(', ')}`);
    expect(JSON.parse(out)).toEqual({
      a: 42,
      b: 1.5,
      c: true,
      d: '2026-11-20T10:00:00.500Z',
      e: '2026-11-20',
      f: '2026-11-20T10:00:00',
      g: '10:00:00',
      h: '1.5',
      i: 'aGk=',
      j: "'; DROP TABLE log_entries; --",
      k: null,
      l: ['2026-11-20'],
    });
  });
});

describe('a saved query', () => {
  it('is asked by its name', async () => {
    const { out } = await sql('--saved', 'search', ...RANGE, '--param', 'words::timeout', '--format', 'csv');
    expect(out.split('\r\n').slice(1)).toEqual(['2026-11-20T10:00:00.123456Z,auth,ERROR,Timeout,t', '']);
  });

  it('stands in the list with what it answers and asks for', async () => {
    const { out } = await sql('--list');
    expect(out).toMatch(/^trace +What happened in one request, across services, in order\?$/m);
    expect(out).toMatch(/^ +--param @since TIMESTAMP, @until TIMESTAMP, @trace_id STRING$/m);
    expect(out.split('\n').filter((line) => /^\w/.test(line)).length).toBeGreaterThanOrEqual(25);
  });

  it('without its parameters says which it asks for; one that is not there, which there are', async () => {
    await expect(sql('--saved', 'search', ...RANGE)).rejects.toThrow(
      /'words' not found .*search asks for --param name:TYPE:value of @since TIMESTAMP/,
    );
    await expect(sql('--saved', 'error')).rejects.toThrow(/no saved query error; there are: .*error_bursts/);
  });
});

describe('what is wrong', () => {
  it.each([
    ['SELEC 1', /Syntax error: Unexpected identifier "SELEC" at \[1:1\]/],
    ['SELECT nope FROM log_entries', /Unrecognized name: nope at \[1:8\]/],
    ['SELECT * FROM nope', /Not found: Table logweir-local:logweir\.nope/],
    ['SELECT 1 / 0', /division by zero/],
  ])('in %s is said with its place', async (query, message) => {
    await expect(sql(query)).rejects.toThrow(message);
  });

  it('in the options is said before anything runs', async () => {
    await expect(sql('-f', join(folder, 'none.sql'))).rejects.toThrow(
      /cannot read .*none\.sql: there is no such file/,
    );
    await expect(sql('--saved', 'trace', 'SELECT 1')).rejects.toThrow(
      'give one of a query, --file and --saved',
    );
    await expect(sql('--format', 'xml', 'SELECT 1')).rejects.toThrow(/allowed: table, csv, json/);
    await expect(sql('--param', 'at:TIMESTAMP:noon', 'SELECT @at')).rejects.toThrow(
      /"noon" is not of type TIMESTAMP, e\.g\. 2026-11-20 10:00:00/,
    );
    await expect(sql('--data-dir', join(folder, 'other'), 'SELECT 1')).rejects.toThrow(
      /nothing runs with the data folder/,
    );
  });
});

it('reads a query from a file and prints links to reports without a warehouse', async () => {
  const file = join(folder, 'one.sql');
  await writeFile(file, 'SELECT 1 AS one');
  expect((await sql('-f', file, '--format', 'csv')).out).toBe('one\r\n1\r\n');
  expect((await sql('--looker-studio', 'my-project')).out).toContain('ds.projectId=my-project');
});

it('takes a query from a pipe, and ends without words when its reader stops early', async () => {
  const program = fileURLToPath(new URL('../../../local/logweir.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, 'sql', '--data-dir', folder]);
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  child.stdin.end("SELECT REPEAT('x', 1000) AS x FROM UNNEST(GENERATE_ARRAY(1, 100000))");
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await once(child, 'exit');
  expect([code, said]).toEqual([0, '']);
}, 30_000);

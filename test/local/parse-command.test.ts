import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseCommand } from '../../local/parse-command.ts';

describe('logweir parse', () => {
  let folder: string;
  let output: string;
  let errors: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parse-'));
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += String(text);
      return true;
    });
    vi.spyOn(console, 'error').mockImplementation((text) => {
      errors += `${text}\n`;
    });
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  async function file(name: string, text: string | Buffer): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  async function run(...args: readonly string[]) {
    output = '';
    errors = '';
    await parseCommand().exitOverride().parseAsync(args, { from: 'user' });
    const entries = output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    return { entries, summary: JSON.parse(errors.trim().split('\n').at(-1)!) };
  }

  it('prints a LogEntry per line, and counts on standard error', async () => {
    const path = await file(
      'a.log',
      '2026-11-20T10:00:00Z ERROR disk full, tell a@example.com\r\n\n2026-11-20T10:00:01Z INFO ok',
    );
    const { entries, summary } = await run(path);
    expect(entries).toMatchObject([
      {
        insert_id: 'a.log-1',
        timestamp: '2026-11-20T10:00:00.000Z',
        severity: 'ERROR',
        message: 'disk full, tell [email]',
        labels: {},
        anomaly_score: 50,
      },
      { insert_id: 'a.log-3', severity: 'INFO', message: 'ok' },
    ]);
    expect(summary).toMatchObject({
      lines: 2,
      entries: 2,
      joined: 0,
      deadLetters: 0,
      redacted: { email: 1 },
    });
  });

  it('joins traces, also where they go on in the next block of lines', async () => {
    const lines = Array.from({ length: 4990 }, (_, i) => `2026-11-20T10:00:00Z INFO line ${i}`);
    const trace = ['2026-11-20T10:00:01Z ERROR failed', 'java.lang.IllegalStateException: boom'];
    const frames = Array.from({ length: 40 }, (_, i) => `\tat com.example.A.run(A.java:${i})`);
    const { entries, summary } = await run(
      await file('a.log', [...lines, ...trace, ...frames, 'end'].join('\n')),
    );
    expect(entries).toHaveLength(4992);
    expect(entries[4990].message.split('\n')).toHaveLength(42);
    expect(entries[4990].labels['exception.type']).toBe('java.lang.IllegalStateException');
    expect(summary).toMatchObject({ lines: 5033, entries: 4992, joined: 41 });
  });

  it('of printed entries prints the same entries', async () => {
    const lines = [
      'Nov 20 06:55:46 web1 sshd[24200]: Invalid user a from 10.0.0.1',
      '{"level":50,"time":1795168800123,"msg":"x","err":{"type":"TypeError","stack":"TypeError: x\\n    at a (b.js:1:2)"},"password":"p"}',
      'plain',
      'level=warn msg="a b" took=1.5s password=x',
      '{"time":"2026-11-20T10:00:00.123456Z","message":"µs","n":1.5,"o":{"a":[1,null]}}',
    ];
    await run(await file('a.log', lines.join('\n')));
    const first = output;
    await run(await file('b.ndjson', first));
    expect(output).toBe(first);
  });

  it('reads times without a year against the time the file was changed', async () => {
    const path = await file('a.log', 'Dec 31 23:59:59 web1 app[1]: x');
    await utimes(path, new Date(), new Date('2020-01-01T00:00:10Z'));
    expect((await run(path)).entries[0].timestamp).toBe('2019-12-31T23:59:59.000Z');
  });

  it('names the service of lines that name none, and stops after as many entries as asked for', async () => {
    const path = await file('a.log', 'one\n{"service":"own","message":"two"}\nthree');
    const { entries } = await run(path, '--service', 'shop', '--max', '2');
    expect(entries.map((entry) => entry.service)).toEqual(['shop', 'own']);
  });

  it('counts a line that is too large, says which, and keeps the others', async () => {
    const path = await file('a.log', `before\n${'x'.repeat(2_000_000)}\nafter`);
    const { entries, summary } = await run(path);
    expect(entries.map((entry) => entry.message)).toEqual(['before', 'after']);
    expect(summary).toMatchObject({ lines: 3, deadLetters: 1 });
    expect(JSON.parse(errors.split('\n')[0]!)).toMatchObject({ line: 2, reason: 'too_large' });
  });

  it('reads bytes that are no UTF-8 one by one, and says so', async () => {
    const { entries } = await run(await file('a.log', Buffer.from([0x61, 0xfc, 0x0a, 0xc3, 0xbc])));
    expect(entries).toMatchObject([
      { message: 'aü', labels: { 'logweir.encoding': 'latin1' } },
      { message: 'ü', labels: {} },
    ]);
  });

  it('of a file that does not exist says so', async () => {
    await expect(run(join(folder, 'none.log'))).rejects.toThrow(/no such file/);
  });
});

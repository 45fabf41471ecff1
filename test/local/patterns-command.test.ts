import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { patternsCommand } from '../../local/patterns-command.ts';

const NAMES = ['ann', 'bob', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hal'];

describe('logweir patterns', () => {
  let folder: string;
  let output: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patterns-'));
    output = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += String(text);
      return true;
    });
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  async function file(name: string, text: string): Promise<string> {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  }

  /** What the command prints, read as JSON. */
  async function run(...args: readonly string[]) {
    output = '';
    await patternsCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync(args, { from: 'user' });
    const lines = output.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line));
  }

  it('prints the pattern of each message that the parser finds', async () => {
    const line = (message: string) => JSON.stringify({ level: 'info', message });
    const path = await file('app.log', `${line('order 1 done')}\n\r\n${line('order 22 done')}\nplain 3\n`);
    const [first, second, third] = await run(path);
    expect(first).toEqual({
      line: 1,
      pattern_id: expect.stringMatching(/^\w{14}$/),
      template: 'order <*> done',
      parameters: ['1'],
    });
    expect(second).toEqual({ ...first, line: 3, parameters: ['22'] });
    expect(third).toMatchObject({ line: 4, template: 'plain <*>' });
  });

  it('reads a column of a CSV file, and learns from it first', async () => {
    const rows = NAMES.map((name, i) => `${i},"login, by ${name}, was refused by the guard"\r\n`);
    const path = await file('app.csv', `LineId,Content\r\n${rows.join('')}`);
    const lines = await run('--learn', '--content-column', 'Content', path);
    expect(lines.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(lines.map(({ pattern_id }) => pattern_id)).size).toBe(1);
    expect(lines[2]).toMatchObject({
      template: 'login, by <*>, was refused by the guard',
      parameters: ['cleo'],
    });
    expect(new Set((await run('--content-column', 'Content', path)).map((l) => l.pattern_id)).size).toBe(8);
  });

  it('uses a saved catalogue elsewhere: the same ids, and new patterns marked', async () => {
    const path = await file(
      'a.log',
      NAMES.map((name) => `login of ${name} was refused by the guard\n`).join(''),
    );
    const saved = join(folder, 'catalogue.json');
    const [learned] = await run('--learn', '--save', saved, path);
    const other = await file('b.log', 'login of zoe was refused by the guard\ndisk sda1 is full\n');
    const [known, unknown] = await run('--catalogue', saved, other);
    expect(known).toMatchObject({ pattern_id: learned.pattern_id, parameters: ['zoe'] });
    expect(known).not.toHaveProperty('new');
    expect(unknown).toMatchObject({ template: 'disk <*> is full', new: true });
  });

  it('names the file of each line when there are several', async () => {
    const [a, b] = [await file('a.log', 'x 1\n'), await file('b.log', 'x 2\n')];
    expect((await run(a, b)).map(({ file: of, line }) => [of, line])).toEqual([
      [a, 1],
      [b, 1],
    ]);
  });

  it('refuses a damaged catalogue, a missing column and learning from standard input', async () => {
    const path = await file('a.csv', 'id,text\n1,x\n');
    const damaged = await file('catalogue.json', '{"format":"logweir-patterns-1"}');
    await expect(run('--catalogue', damaged, path)).rejects.toThrow(/refused as a catalogue: checksum/);
    await expect(run('--content-column', 'Content', path)).rejects.toThrow(
      "no column 'Content'; there are: id, text",
    );
    await expect(run('--learn', '-')).rejects.toThrow(/standard input/);
  });
});

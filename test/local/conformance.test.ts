import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MUTATIONS, mutated } from '../../local/conformance/mutations.ts';
import { conform, conformanceCommand } from '../../local/conformance.ts';

const file = (name: string): string => new URL(`../cases/${name}`, import.meta.url).pathname;
const FLINK = file('window-cases.json');
const MORE = file('window-cases-more.json');
const [flink, more] = [FLINK, MORE].map((path) => readFileSync(path, 'utf8')) as [string, string];

describe('the library', () => {
  it("behaves as the 90 cases from Flink's tests say", () => {
    expect(conform(flink)).toEqual({ passed: 90, failed: 0, failures: [] });
  });

  it('behaves as the further cases say', () => {
    expect(conform(more).failures).toEqual([]);
  });
});

describe('breaking a rule', () => {
  it.each(Object.keys(MUTATIONS))('makes some of the 90 cases fail: %s', (rule) => {
    expect(conform(flink, mutated(rule)!).failed).toBeGreaterThan(0);
  });
});

describe('logweir conformance', () => {
  let folder: string;
  let output: string;
  let errors: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    [output, errors] = ['', ''];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += String(text);
      return true;
    });
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
    await rm(folder, { recursive: true });
  });

  /** Runs the command; resolves to its exit code. */
  async function run(...args: string[]): Promise<number> {
    const command = conformanceCommand()
      .exitOverride()
      .configureOutput({ writeErr: (text) => (errors += text), writeOut: (text) => (output += text) });
    process.exitCode = undefined;
    try {
      await command.parseAsync(args, { from: 'user' });
      return Number(process.exitCode ?? 0);
    } catch (error) {
      return (error as { exitCode: number }).exitCode;
    }
  }

  async function table(content: unknown): Promise<string> {
    const path = join(folder, 'table.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  it('ends with the counts and succeeds when all pass', async () => {
    expect(await run(FLINK)).toBe(0);
    expect(output).toBe('90 passed, 0 failed\n');
  });

  it('prints each failing case with what was expected and what came, and fails', async () => {
    const wrong = { id: 'w', kind: 'windowStart', title: 'wrong', timestamp: 8, sizeMs: 7, start: 8 };
    expect(await run(await table({ cases: [wrong] }))).toBe(1);
    expect(output).toBe('FAIL w: wrong\n  at start\n    expected 8\n    actual   7\n0 passed, 1 failed\n');
  });

  it('names the step at which a run went another way', async () => {
    const steps = [
      { element: { key: 'k', value: 1, ts: 5 }, emits: [], late: false },
      { watermark: 9, emits: [] },
    ];
    const assigner = { type: 'tumbling', sizeMs: 10 };
    expect(await run(await table([{ id: 'r', kind: 'run', assigner, latenessMs: 0, steps }]))).toBe(1);
    expect(output).toContain('at step 2, watermark 9');
    expect(output).toContain('actual   {"emits":[{"key":"k","sum":1,"window":[0,10],"ts":9}]}');
  });

  it.each([
    [{ id: 'u', kind: 'guess' }, 'unknown kind "guess"; known: windowStart, assign'],
    [{ id: 'u', kind: 'windowStart', timestamp: 'x' }, 'malformed case: timestamp:'],
    [
      { id: 'u', kind: 'invalid', assigner: { type: 'hopping' } },
      'unknown assigner "hopping"; known: tumbling',
    ],
    [
      { id: 'u', kind: 'run', assigner: { type: 'global' }, trigger: 'sometimes', steps: [] },
      'unknown trigger "sometimes"; known: eventtime, count',
    ],
    [
      { id: 'u', kind: 'assign', assigner: { type: 'tumbling' }, timestamp: 0, windows: [] },
      'sizeMs is missing',
    ],
    [null, 'unknown kind undefined'],
  ])('counts a case that it cannot read as failed, and says why: %j', async (one, message) => {
    const fine = { id: 'f', kind: 'windowStart', timestamp: 8, sizeMs: 7, start: 7 };
    expect(await run(await table({ cases: [one, fine] }))).toBe(1);
    expect(output).toContain(message);
    expect(output).toMatch(/\n1 passed, 1 failed\n$/);
  });

  it.each([
    ['{', 'JSON'],
    ['{"cases": 7}', 'no list of cases: expected {"cases": […]} or […]'],
    ['[]', 'the list of cases is empty'],
  ])('refuses a file that is no table: %s', async (content, message) => {
    expect(await run(await table(content))).toBe(2);
    expect(errors).toContain(message);
    expect(output).toBe('');
  });

  it('refuses a file that is not there, and no file', async () => {
    expect(await run(join(folder, 'none.json'))).toBe(2);
    expect(errors).toContain('ENOENT');
    expect(await run()).toBe(1);
    expect(errors).toContain("missing required argument 'file'");
  });

  it('fails with a broken rule, lists the rules, and refuses one that it does not know', async () => {
    expect(await run(FLINK, '--mutate', 'purge')).toBe(1);
    expect(output).toMatch(/FAIL run-12.*\n89 passed, 1 failed\n$/s);
    output = '';
    expect(await run('--mutate', 'list')).toBe(0);
    expect(output.trim().split('\n')).toHaveLength(Object.keys(MUTATIONS).length);
    expect(await run(FLINK, '--mutate', 'gravity')).toBe(1);
    expect(errors).toContain("no rule 'gravity'; there are: floor-modulo");
  });
});

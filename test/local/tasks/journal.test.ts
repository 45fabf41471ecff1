import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../local/tasks/journal.ts';

interface Put {
  readonly key: string;
  readonly value: string;
}

let dir: string;
let path: string;
let state: Map<string, string>;

const open = (): Journal<Put> => {
  state = new Map();
  return new Journal<Put>(
    path,
    ({ key, value }) => state.set(key, value),
    () => [...state].map(([key, value]) => ({ key, value })),
  );
};

const put = (journal: Journal<Put>, key: string, value: string): void => {
  state.set(key, value);
  journal.append({ key, value });
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(dir, 'deep', 'state.ndjson');
});

afterEach(() => rmSync(dir, { recursive: true }));

describe('a journal', () => {
  it('gives back what was appended, in order, without a close', () => {
    const journal = open();
    put(journal, 'a', '1');
    put(journal, 'b', 'zwei\nlines');
    put(journal, 'a', '3');
    const second = open();
    expect([...state]).toEqual([
      ['a', '3'],
      ['b', 'zwei\nlines'],
    ]);
    journal.close();
    second.close();
  });

  it('cuts off a line that a death left torn, and goes on after it', () => {
    const journal = open();
    put(journal, 'a', '1');
    journal.close();
    appendFileSync(path, '{"key":"b","val');
    const second = open();
    expect([...state.keys()]).toEqual(['a']);
    put(second, 'c', '3');
    second.close();
    open().close();
    expect([...state.keys()]).toEqual(['a', 'c']);
  });

  it('stays small however often the same state changes', () => {
    const journal = open();
    for (let i = 0; i < 40_000; i++) put(journal, `k${i % 10}`, `value ${i} ${'x'.repeat(200)}`);
    expect(statSync(path).size).toBe(journal.bytes);
    expect(journal.bytes).toBeLessThan(1_100_000);
    const live = [...state];
    journal.close();
    open().close();
    expect([...state]).toEqual(live);
  });
});

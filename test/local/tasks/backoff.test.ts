import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { backoffMs, isExhausted } from '../../../local/tasks/backoff.ts';
import { DEFAULT_RETRY } from '../../../local/tasks/resource.ts';

interface Case {
  readonly it: string;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxDoublings: number;
  readonly delaysMs: number[];
}

const cases = JSON.parse(
  readFileSync(new URL('../../cases/tasks-backoff.json', import.meta.url), 'utf8'),
) as Case[];

describe('the wait before a retry', () => {
  it.each(cases)('$it', ({ delaysMs, ...config }) => {
    const waits = delaysMs.map((_, index) => backoffMs({ ...DEFAULT_RETRY, ...config }, index + 1));
    expect(waits).toEqual(delaysMs);
  });
});

describe('giving up', () => {
  it('happens after maxAttempts', () => {
    const config = { ...DEFAULT_RETRY, maxAttempts: 3 };
    expect(isExhausted(config, 2, 0, 1e9)).toBe(false);
    expect(isExhausted(config, 3, 0, 1e9)).toBe(true);
  });

  it('waits for both limits when both are set', () => {
    const config = { ...DEFAULT_RETRY, maxAttempts: 3, maxRetryDurationMs: 60_000 };
    expect(isExhausted(config, 3, 0, 59_999)).toBe(false);
    expect(isExhausted(config, 2, 0, 60_000)).toBe(false);
    expect(isExhausted(config, 3, 0, 60_000)).toBe(true);
  });

  it('never happens when neither is set', () => {
    expect(isExhausted({ ...DEFAULT_RETRY, maxAttempts: -1 }, 1e6, 0, 1e12)).toBe(false);
  });
});

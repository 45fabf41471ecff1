import { describe, expect, it } from 'vitest';
import { createBatcher } from '../../../models/serving/batcher.ts';

describe('a batcher', () => {
  it('runs what was asked in one turn together, and gives everyone his own answers', async () => {
    const runs: number[] = [];
    const batcher = createBatcher(async (items: readonly number[]) => {
      runs.push(items.length);
      return items.map((item) => item * 10);
    }, 100);
    const answers = await Promise.all([batcher.submit([1, 2]), batcher.submit([3]), batcher.submit([])]);
    expect(answers).toEqual([[10, 20], [30], []]);
    expect(runs).toEqual([3]);
  });

  it('cuts batches at the limit, but never a request', async () => {
    const runs: number[] = [];
    const batcher = createBatcher(async (items: readonly number[]) => {
      runs.push(items.length);
      return items;
    }, 4);
    const asked = [
      [1, 2, 3],
      [4, 5],
      [6, 7, 8, 9, 10, 11],
    ];
    expect(await Promise.all(asked.map((items) => batcher.submit(items)))).toEqual(asked);
    expect(runs).toEqual([3, 2, 6]);
  });

  it('tells everyone of a batch that failed, and goes on', async () => {
    let broken = true;
    const batcher = createBatcher(async (items: readonly number[]) => {
      if (broken) throw new Error('no');
      return items;
    }, 10);
    const failed = await Promise.allSettled([batcher.submit([1]), batcher.submit([2])]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await batcher.submit([3])).toEqual([3]);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueHeap } from '../../../local/pubsub/due-heap.ts';

it('gives the earliest first, after any puts, moves and removals', () => {
  const moves = fc.array(fc.record({ item: fc.nat(9), dueMs: fc.nat(100), isRemoval: fc.boolean() }));
  fc.assert(
    fc.property(moves, (all) => {
      const items = Array.from({ length: 10 }, () => ({ dueMs: 0, heapIndex: -1 }));
      const heap = new DueHeap<{ dueMs: number; heapIndex: number }>();
      const model = new Map<number, number>();
      for (const { item, dueMs, isRemoval } of all) {
        if (isRemoval) heap.remove(items[item]!);
        else heap.put(items[item]!, dueMs);
        if (isRemoval) model.delete(item);
        else model.set(item, dueMs);
        expect(heap.size).toBe(model.size);
        expect(heap.peek()?.dueMs).toBe(model.size ? Math.min(...model.values()) : undefined);
      }
    }),
  );
});

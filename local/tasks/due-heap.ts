/**
 * What is due when: a binary heap of names by due time, first come first out among equals. A name whose time
 * changed is pushed again; whoever pops checks the entry against the task itself.
 */
export interface DueEntry {
  readonly name: string;
  readonly dueMs: number;
}

export class DueHeap {
  readonly #heap: (DueEntry & { readonly order: number })[] = [];
  #order = 0;

  push(name: string, dueMs: number): void {
    const heap = this.#heap;
    const entry = { name, dueMs, order: this.#order++ };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  peek(): DueEntry | undefined {
    return this.#heap[0];
  }

  pop(): DueEntry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && before(heap[right]!, heap[left]!) ? right : left;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const before = (a: { dueMs: number; order: number }, b: { dueMs: number; order: number }): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);

/**
 * What is due when: a binary heap that knows where each of its items is, so that an item can be taken out when its
 * lease is acknowledged. With leases of minutes and thousands of messages a second, items left in until their
 * time would pile up.
 */
export interface Due {
  dueMs: number;
  /** Where the heap has it; -1 while it is not in a heap. */
  heapIndex: number;
}

export class DueHeap<Item extends Due> {
  readonly #items: Item[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  /** Puts an item in, or in its new place when it is in already. */
  put(item: Item, dueMs: number): void {
    item.dueMs = dueMs;
    if (item.heapIndex < 0) {
      item.heapIndex = this.#items.length;
      this.#items.push(item);
    }
    this.#settle(item);
  }

  /** Takes an item out; one that is not in stays out. */
  remove(item: Item): void {
    const at = item.heapIndex;
    if (at < 0) return;
    item.heapIndex = -1;
    const last = this.#items.pop()!;
    if (last === item) return;
    last.heapIndex = at;
    this.#items[at] = last;
    this.#settle(last);
  }

  #settle(item: Item): void {
    this.#rise(item);
    this.#sink(item);
  }

  #rise(item: Item): void {
    const items = this.#items;
    let at = item.heapIndex;
    while (at > 0) {
      const parent = items[(at - 1) >> 1]!;
      if (parent.dueMs <= item.dueMs) break;
      this.#place(parent, at);
      at = (at - 1) >> 1;
    }
    this.#place(item, at);
  }

  #sink(item: Item): void {
    const items = this.#items;
    let at = item.heapIndex;
    for (;;) {
      const left = items[2 * at + 1];
      if (left === undefined) break;
      const right = items[2 * at + 2];
      const child = right !== undefined && right.dueMs < left.dueMs ? right : left;
      if (child.dueMs >= item.dueMs) break;
      const next = child.heapIndex;
      this.#place(child, at);
      at = next;
    }
    this.#place(item, at);
  }

  #place(item: Item, at: number): void {
    this.#items[at] = item;
    item.heapIndex = at;
  }
}

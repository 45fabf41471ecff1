/**
 * Event-time timers in order of time, and of asking within a time. One heap entry a distinct time, so that the
 * windows of a thousand keys that end together cost one. Cancelled timers stay until their time: whoever takes
 * them out knows whether they still count.
 */
export class TimerQueue<T> {
  readonly #at = new Map<number, T[]>();
  /** A binary heap of the times in `#at`. */
  readonly #heap: number[] = [];
  #lastMs = Number.NaN;
  #last: T[] = [];

  add(timeMs: number, item: T): void {
    if (timeMs === this.#lastMs) {
      this.#last.push(item);
      return;
    }
    let items = this.#at.get(timeMs);
    if (items === undefined) {
      items = [];
      this.#at.set(timeMs, items);
      this.#push(timeMs);
    }
    items.push(item);
    this.#lastMs = timeMs;
    this.#last = items;
  }

  /** Takes out everything due by `isDue`, earliest first, also what is added meanwhile. */
  drain(isDue: (timeMs: number) => boolean, run: (item: T, timeMs: number) => void): void {
    for (let timeMs = this.#heap[0]; timeMs !== undefined && isDue(timeMs); timeMs = this.#heap[0]) {
      const items = this.#at.get(timeMs)!;
      // Items added for the same time while these run are run too.
      for (let i = 0; i < items.length; i++) run(items[i]!, timeMs);
      this.#at.delete(timeMs);
      if (timeMs === this.#lastMs) this.#lastMs = Number.NaN;
      this.#remove(timeMs);
    }
  }

  /** Takes out the root, which may have moved while earlier timers were added. */
  #remove(timeMs: number): void {
    const heap = this.#heap;
    const hole = heap.indexOf(timeMs);
    const moved = heap.pop()!;
    if (hole === heap.length) return;
    heap[hole] = moved;
    this.#sink(hole);
    this.#rise(hole);
  }

  #push(timeMs: number): void {
    this.#heap.push(timeMs);
    this.#rise(this.#heap.length - 1);
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const timeMs = heap[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! <= timeMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timeMs;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const timeMs = heap[from]!;
    let at = from;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= timeMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = timeMs;
  }
}

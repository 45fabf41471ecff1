/**
 * The open windows of all keys: for each key a chain, the newest first, because most elements are about now and
 * find their window at its head.
 */
import { Cell } from './cell.ts';
import type { TimeWindow } from './window.ts';

export class Cells<Acc> {
  /** The newest open window of each key. */
  readonly #heads = new Map<string, Cell<Acc>>();

  #size = 0;

  /** How many windows are open, over all keys. */
  get size(): number {
    return this.#size;
  }

  /** The newest open window of a key. */
  head(key: string): Cell<Acc> | null {
    return this.#heads.get(key) ?? null;
  }

  /** Opens a window of a key between its neighbours in the chain; null: there is none on that side. */
  open(key: string, window: TimeWindow, newer: Cell<Acc> | null, older: Cell<Acc> | null): Cell<Acc> {
    const cell = new Cell<Acc>(key, window);
    this.#size++;
    cell.newer = newer;
    cell.older = older;
    if (older !== null) older.newer = cell;
    if (newer === null) this.#heads.set(key, cell);
    else newer.older = cell;
    return cell;
  }

  /** Closes a window: it is alive no more. Safe to call twice. */
  close(cell: Cell<Acc>): void {
    if (!cell.alive) return;
    cell.alive = false;
    this.#size--;
    const { older, newer } = cell;
    if (older !== null) older.newer = newer;
    if (newer !== null) newer.older = older;
    else if (older !== null) this.#heads.set(cell.key, older);
    else this.#heads.delete(cell.key);
  }

  /** All open windows: keys in order of arrival, windows oldest first. */
  *all(): Generator<Cell<Acc>> {
    for (const head of this.#heads.values()) {
      let cell = head;
      while (cell.older !== null) cell = cell.older;
      for (let at: Cell<Acc> | null = cell; at !== null; at = at.newer) yield at;
    }
  }
}

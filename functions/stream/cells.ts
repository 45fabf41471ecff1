/**
 * The open windows of all keys: for each key a chain by time, entered where it was entered last or at its newest
 * window. Most elements find their window there; a replay that goes back in time walks once, not for each element.
 * Under pressure: elements that jump between far-apart windows of one key walk over those between.
 */
import { Cell } from './cell.ts';
import type { TimeWindow } from './window.ts';

/** A walk longer than this moves the entry; a shorter one is cheaper than moving it. */
const SHORT_WALK = 4;

export class Cells<Acc> {
  /** Where the chain of each key is entered. */
  readonly #entries = new Map<string, Cell<Acc>>();
  #size = 0;

  /** How many windows are open, over all keys. */
  get size(): number {
    return this.#size;
  }

  /**
   * Where to look for `window`, going to older ones: the newest open window of the key that starts at or before
   * `startMs`, or, when all start later, the oldest; null when none is open. Any cell of `window` itself will do.
   */
  seek(key: string, window: TimeWindow, startMs: number): Cell<Acc> | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (entry.window === window) return entry;
    let at = entry;
    let walked = 0;
    for (; at.newer !== null && at.newer.window.start <= startMs; walked++) at = at.newer;
    for (; at.older !== null && at.window.start > startMs; walked++) at = at.older;
    if (walked > SHORT_WALK) this.#entries.set(key, at);
    return at;
  }

  /** Opens a window of a key between its neighbours in the chain; null: there is none on that side. */
  open(key: string, window: TimeWindow, newer: Cell<Acc> | null, older: Cell<Acc> | null): Cell<Acc> {
    const cell = new Cell<Acc>(key, window);
    this.#size++;
    cell.newer = newer;
    cell.older = older;
    if (older !== null) older.newer = cell;
    if (newer !== null) newer.older = cell;
    else this.#entries.set(key, cell);
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
    if (this.#entries.get(cell.key) !== cell) return;
    const entry = newer ?? older;
    if (entry !== null) this.#entries.set(cell.key, entry);
    else this.#entries.delete(cell.key);
  }

  /** All open windows: keys in order of arrival, windows oldest first. */
  *all(): Generator<Cell<Acc>> {
    for (const entry of this.#entries.values()) {
      let cell = entry;
      while (cell.older !== null) cell = cell.older;
      for (let at: Cell<Acc> | null = cell; at !== null; at = at.newer) yield at;
    }
  }
}

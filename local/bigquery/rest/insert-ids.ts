/** insertIds of the last minute: a row that a client sends again within it is not written twice. Best effort. */
import type { Timers } from '../../timers.ts';

const KEPT_MS = 60_000;
const KEPT_IDS = 500_000;

export class InsertIds {
  readonly #timers: Timers;
  /** When each was added; oldest first. */
  readonly #ids = new Map<string, number>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  isNew(id: string): boolean {
    this.#forget();
    return !this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.set(id, this.#timers.now());
  }

  #forget(): void {
    const before = this.#timers.now() - KEPT_MS;
    for (const [id, atMs] of this.#ids) {
      if (atMs > before && this.#ids.size <= KEPT_IDS) return;
      this.#ids.delete(id);
    }
  }
}

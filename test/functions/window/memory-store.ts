/** The window store in memory, for property tests: the same promises as Firestore's, and failures on demand. */
import type {
  Contribution,
  Outcome,
  StoredPart,
  Versioned,
  WindowState,
  WindowStore,
} from '../../../functions/window/store.ts';
import { type JobWindow, partialId, windowId } from '../../../functions/window/window-id.ts';

export class MemoryStore implements WindowStore {
  readonly #documents = new Map<
    string,
    { readonly w: string; readonly kind: 'partial' | 'late'; readonly data: string }
  >();
  readonly #states = new Map<string, Versioned>();
  #version = 0;

  async contribute(contributions: readonly Contribution[]): Promise<readonly Outcome[]> {
    return contributions.map((one) => {
      const id = partialId(one.of, one.batchId, 0);
      const present = this.#documents.get(id);
      if (present !== undefined) return { created: false, kind: present.kind };
      const parts = one.kind === 'late' ? [''] : one.parts;
      parts.forEach((data, part) => {
        this.#documents.set(partialId(one.of, one.batchId, part), {
          w: windowId(one.of),
          kind: one.kind,
          data,
        });
      });
      return { created: true, kind: one.kind };
    });
  }

  async partsOf(window: JobWindow): Promise<readonly StoredPart[]> {
    return [...this.#documents]
      .filter(([, doc]) => doc.w === windowId(window) && doc.kind === 'partial')
      .map(([id, doc]) => ({ id, data: doc.data }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async statesOf(windows: readonly JobWindow[]): Promise<readonly (Versioned | null)[]> {
    return windows.map((window) => this.#states.get(windowId(window)) ?? null);
  }

  async commit(window: JobWindow, previous: Versioned | null, next: WindowState): Promise<Versioned | null> {
    const id = windowId(window);
    if (this.#states.get(id)?.version !== previous?.version) return null;
    const versioned = { state: next, version: ++this.#version };
    this.#states.set(id, versioned);
    return versioned;
  }

  /** What TTL does: the partials of a window go, its state stays. */
  expire(window: JobWindow): void {
    for (const [id, doc] of this.#documents) if (doc.w === windowId(window)) this.#documents.delete(id);
  }

  /** Breaks the data of one partial of a window. */
  corrupt(window: JobWindow): void {
    const [id, doc] = [...this.#documents].find(([, one]) => one.w === windowId(window))!;
    this.#documents.set(id, { ...doc, data: '[["key",' });
  }
}

/** The detection store in memory, for tests; what is kept goes through its texts, as in documents. */
import { decodeNotes, encodeNotes, type WindowNotes } from '../../../functions/detect/notes.ts';
import type { PatternMemory } from '../../../functions/detect/pattern-memory.ts';
import type { DetectStore } from '../../../functions/detect/store.ts';

export class MemoryDetectStore implements DetectStore {
  readonly #notes = new Map<number, WindowNotes>();
  readonly #memories = new Map<string, PatternMemory>();

  async notesOf(startsMs: readonly number[]): Promise<readonly WindowNotes[]> {
    return [...startsMs].sort((a, b) => a - b).flatMap((startMs) => this.#notes.get(startMs) ?? []);
  }

  async keepNotes(notes: readonly WindowNotes[]): Promise<void> {
    for (const one of notes) {
      if ((this.#notes.get(one.startMs)?.revision ?? 0) > one.revision) continue;
      const services = new Map(encodeNotes(one).flatMap((text) => decodeNotes(text, one.startMs)));
      this.#notes.set(one.startMs, { ...one, services });
    }
  }

  async memoriesOf(services: readonly string[]): Promise<ReadonlyMap<string, PatternMemory>> {
    return new Map(
      services.flatMap((service) => {
        const memory = this.#memories.get(service);
        return memory === undefined ? [] : [[service, memory] as const];
      }),
    );
  }

  async remember(memories: ReadonlyMap<string, PatternMemory>): Promise<void> {
    for (const [service, memory] of memories) this.#memories.set(service, memory);
  }
}

/** What detection needs of its store, as an interface: Firestore stands behind it in functions, memory in tests. */
import type { WindowNotes } from './notes.ts';
import type { PatternMemory } from './pattern-memory.ts';

export interface DetectStore {
  /** Notes of the windows that start then, in order of time; those that are not there are left out. */
  notesOf(startsMs: readonly number[]): Promise<readonly WindowNotes[]>;
  /** Keeps notes; those of a higher revision of the same window stand. */
  keepNotes(notes: readonly WindowNotes[]): Promise<void>;
  /** What services are known to write; those that are not known are left out. */
  memoriesOf(services: readonly string[]): Promise<ReadonlyMap<string, PatternMemory>>;
  /** Adds to what is known: patterns and categories that another instance added stay. */
  remember(memories: ReadonlyMap<string, PatternMemory>): Promise<void>;
}

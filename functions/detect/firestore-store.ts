/**
 * The detection store on Firestore. `window_notes`: a document a window, more where its notes are long; found by id.
 * `service_patterns`: a document a service, written when a pattern is new, so rarely.
 *
 * Guarantee: notes are read back as they were kept; what cannot be read counts as not there. Under pressure: an instance
 * remembers what it read, so that a firing reads what is new since the one before, and looks again after a while,
 * because other instances write too.
 */
import { type DocumentSnapshot, type Firestore, Timestamp } from '@google-cloud/firestore';
import { z } from 'zod';
import { log } from '../log.ts';
import { WARNING } from '../parse/severity.ts';
import { hash } from '../window/window-id.ts';
import { MEMORIES, NOTES } from './collections.ts';
import { decodeNotes, encodeNotes, type Note, type WindowNotes } from './notes.ts';
import type { PatternMemory } from './pattern-memory.ts';
import type { DetectStore } from './store.ts';

export interface DetectStoreOptions {
  readonly job: string;
  readonly clock: () => number;
}

/** Notes tell what is usual today. */
const NOTES_TTL_MS = 2 * 86_400_000;
/** A service that shows no new pattern is remembered so long; from half of it on its document is written again. */
const MEMORY_TTL_MS = 60 * 86_400_000;
/** How long an instance trusts what it read, and what it did not find. */
const FOUND_MS = 300_000;
const MISSING_MS = 20_000;
/** Windows and services that an instance remembers. */
const MAX_NOTES = 2000;
const MAX_MEMORIES = 20_000;

interface Read<T> {
  readonly value: T | null;
  readonly untilMs: number;
}

export function firestoreDetectStore(firestore: Firestore, { job, clock }: DetectStoreOptions): DetectStore {
  const notes = firestore.collection(NOTES);
  const memories = firestore.collection(MEMORIES);
  const readNotes = new Map<number, Read<WindowNotes>>();
  const readMemories = new Map<string, Read<PatternMemory> & { readonly writtenMs: number }>();
  const noteDoc = (startMs: number, part: number) => notes.doc(hash(`${job}\n${startMs}\n${part}`));
  const memoryDoc = (service: string) => memories.doc(hash(`${job}\n${service}`));

  async function fetchNotes(startsMs: readonly number[]): Promise<void> {
    const first = await getAll(
      firestore,
      startsMs.map((startMs) => noteDoc(startMs, 0)),
    );
    const further = first.flatMap((doc, i) =>
      Array.from({ length: Math.max(0, partsOf(doc) - 1) }, (_, k) => ({
        i,
        doc: noteDoc(startsMs[i]!, k + 1),
      })),
    );
    const more = await getAll(
      firestore,
      further.map(({ doc }) => doc),
    );
    first.forEach((doc, i) => {
      const parts = [doc, ...more.filter((_, k) => further[k]!.i === i)];
      const value = doc.exists ? readParts(parts, startsMs[i]!) : null;
      put(
        readNotes,
        startsMs[i]!,
        { value, untilMs: clock() + (value === null ? MISSING_MS : FOUND_MS) },
        MAX_NOTES,
      );
    });
  }

  return {
    async notesOf(startsMs) {
      const nowMs = clock();
      const missing = startsMs.filter((startMs) => !((readNotes.get(startMs)?.untilMs ?? 0) > nowMs));
      if (missing.length > 0) await fetchNotes(missing);
      return [...startsMs].sort((a, b) => a - b).flatMap((startMs) => readNotes.get(startMs)?.value ?? []);
    },

    async keepNotes(kept) {
      await Promise.all(
        kept.map(async (one) => {
          const present = readNotes.get(one.startMs)?.value;
          if (present != null && present.revision > one.revision) return;
          const parts = encodeNotes(one);
          const expires = Timestamp.fromMillis(Math.max(clock(), one.endMs) + NOTES_TTL_MS);
          const fields = { start: one.startMs, end: one.endMs, revision: one.revision, parts: parts.length };
          // The first part last: it says how many there are.
          for (let part = parts.length - 1; part >= 0; part--)
            await noteDoc(one.startMs, part).set({ ...fields, data: parts[part]!, expires_at: expires });
          put(readNotes, one.startMs, { value: one, untilMs: clock() + FOUND_MS }, MAX_NOTES);
        }),
      );
    },

    async memoriesOf(services) {
      const nowMs = clock();
      const missing = services.filter((service) => !((readMemories.get(service)?.untilMs ?? 0) > nowMs));
      const docs = await getAll(firestore, missing.map(memoryDoc));
      docs.forEach((doc, i) => {
        const value = doc.exists ? readMemory(doc) : null;
        const writtenMs = doc.updateTime?.toMillis() ?? 0;
        put(readMemories, missing[i]!, { value, untilMs: nowMs + FOUND_MS, writtenMs }, MAX_MEMORIES);
      });
      return new Map(
        services.flatMap((service) => {
          const value = readMemories.get(service)?.value;
          return value == null ? [] : [[service, value] as const];
        }),
      );
    },

    async remember(changed) {
      const nowMs = clock();
      const old = [...readMemories].filter(
        ([service, { value, writtenMs }]) =>
          value !== null && !changed.has(service) && nowMs - writtenMs > MEMORY_TTL_MS / 2,
      );
      const all = new Map([...changed, ...old.map(([service, { value }]) => [service, value!] as const)]);
      await Promise.all(
        [...all].map(async ([service, memory]) => {
          const expires = Timestamp.fromMillis(nowMs + MEMORY_TTL_MS);
          const { sinceMs: since, patterns, categories } = memory;
          // Merged: another instance may have added other patterns meanwhile. An empty map would replace theirs.
          const maps = Object.fromEntries(
            Object.entries({ patterns, categories }).filter(([, map]) => Object.keys(map).length > 0),
          );
          await memoryDoc(service).set({ service, since, ...maps, expires_at: expires }, { merge: true });
          const read = { value: memory, untilMs: nowMs + FOUND_MS, writtenMs: nowMs };
          put(readMemories, service, read, MAX_MEMORIES);
        }),
      );
    },
  };
}

async function getAll(
  firestore: Firestore,
  docs: readonly FirebaseFirestore.DocumentReference[],
): Promise<DocumentSnapshot[]> {
  return docs.length === 0 ? [] : firestore.getAll(...docs);
}

const partsOf = (doc: DocumentSnapshot): number => (doc.exists ? Number(doc.get('parts')) : 0);

function readParts(docs: readonly DocumentSnapshot[], startMs: number): WindowNotes | null {
  try {
    const services = new Map<string, Note>(
      docs.flatMap((doc) => decodeNotes(String(doc.get('data')), startMs)),
    );
    const [first] = docs;
    return { startMs, endMs: Number(first!.get('end')), revision: Number(first!.get('revision')), services };
  } catch {
    log(WARNING, 'detect', 'notes of a window cannot be read and count as none', { start: startMs });
    return null;
  }
}

const memory = z.object({
  since: z.number(),
  patterns: z.record(z.string(), z.number()).default({}),
  categories: z.record(z.string(), z.string()).default({}),
});

function readMemory(doc: DocumentSnapshot): PatternMemory | null {
  const read = memory.safeParse(doc.data());
  if (!read.success) return null;
  const { since: sinceMs, patterns, categories } = read.data;
  return { sinceMs, patterns, categories };
}

/** Puts an entry last; the oldest goes when there are too many. */
function put<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  if (map.size >= most) map.delete(map.keys().next().value!);
  map.set(key, value);
}

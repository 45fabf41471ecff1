import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openFirestore } from '../../../functions/clients.ts';
import { NOTES } from '../../../functions/detect/collections.ts';
import { firestoreDetectStore } from '../../../functions/detect/firestore-store.ts';
import type { Note, WindowNotes } from '../../../functions/detect/notes.ts';
import { type FirestoreService, startFirestore } from '../../../local/firestore/service.ts';
import { emptyWindow, FEATURES } from '../../../models/features.ts';
import { SIZE_MS, START_MS } from './entries.ts';

let folder: string;
let service: FirestoreService;
let firestore: Firestore;
let nowMs = START_MS;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'detect-'));
  service = await startFirestore({ port: 0, dataDir: folder });
  process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${service.port}`;
  firestore = await openFirestore({ project: 'demo', firestoreDatabase: '(default)' });
});

afterAll(async () => {
  await firestore.terminate();
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

/** A store as another instance of the function has it: it remembers nothing. */
const instance = (job: string) => firestoreDetectStore(firestore, { job, clock: () => nowMs });

const note = (startMs: number, entries: number): Note => ({
  row: { ...emptyWindow(startMs), entries, latency_mean_ms: 12.5 },
  features: FEATURES.map((_, i) => i / 8),
  severity: 'ticket',
  signs: 2,
});

const notes = (index: number, services: readonly string[], revision = 1, entries = 40): WindowNotes => {
  const startMs = START_MS + index * SIZE_MS;
  const of = services.map((name): [string, Note] => [name, note(startMs, entries)]);
  return { startMs, endMs: startMs + SIZE_MS, revision, services: new Map(of) };
};

describe("what detection remembers, through Google's Firestore client", () => {
  it('is read by another instance as it was kept, what was never kept is left out', async () => {
    const kept = [notes(0, ['auth', 'user']), notes(2, ['auth'])];
    await instance('a').keepNotes(kept);
    const read = await instance('a').notesOf([0, 1, 2].map((index) => START_MS + index * SIZE_MS));
    expect(read).toEqual(kept);
    expect(await instance('another job').notesOf([START_MS])).toEqual([]);
  });

  it('of thousands of services in a window is whole, though no document could hold it', async () => {
    const names = Array.from({ length: 4000 }, (_, i) => `service-${i}`);
    await instance('b').keepNotes([notes(0, names)]);
    const [read] = await instance('b').notesOf([START_MS]);
    expect([...read!.services.keys()]).toEqual(names);
  });

  it('of a window is that of its highest revision, also when the lower comes later', async () => {
    const store = instance('c');
    await store.keepNotes([notes(0, ['auth'], 2, 50)]);
    await store.keepNotes([notes(0, ['auth'], 1, 40)]);
    const [read] = await instance('c').notesOf([START_MS]);
    expect(read!.services.get('auth')!.row.entries).toBe(50);
  });

  it('finds a window that another instance closed meanwhile, after a while', async () => {
    const store = instance('d');
    expect(await store.notesOf([START_MS])).toEqual([]);
    await instance('d').keepNotes([notes(0, ['auth'])]);
    expect(await store.notesOf([START_MS])).toEqual([]);
    nowMs += 20_001;
    expect(await store.notesOf([START_MS])).toHaveLength(1);
  });

  it('that cannot be read counts as none, and is told of', async () => {
    const lines: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    await instance('e').keepNotes([notes(0, ['auth'])]);
    const { docs } = await firestore.collection(NOTES).where('start', '==', START_MS).get();
    await Promise.all(docs.map((doc) => doc.ref.update({ data: '{"version":99}' })));
    expect(await instance('e').notesOf([START_MS])).toEqual([]);
    expect(lines.join('')).toContain('cannot be read');
    vi.restoreAllMocks();
  });

  it('of patterns is joined when two instances add to it', async () => {
    const known = { sinceMs: START_MS, patterns: { a: 1 }, categories: { a: 'timeout' } };
    await instance('f').remember(new Map([['auth', known]]));
    await instance('f').remember(new Map([['auth', { ...known, patterns: { b: 2 }, categories: {} }]]));
    expect((await instance('f').memoriesOf(['auth', 'user'])).get('auth')).toEqual({
      ...{ sinceMs: START_MS, patterns: { a: 1, b: 2 }, categories: { a: 'timeout' } },
    });
  });
});

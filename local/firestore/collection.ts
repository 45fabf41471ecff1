/**
 * The documents of one collection in memory: where each lies on disk, its small fields, and lookup by equality.
 * An index on a field comes to be with the first question about it and is kept up from then on.
 */
import { compareText } from '../text-order.ts';
import type { Value } from './protocol.ts';
import type { Location } from './segment-log.ts';
import { isSurelyKept, type Summary } from './summary.ts';
import { compareNames, equalityKey } from './value.ts';

/** One document, in one version: a later version is another entry. Only its place may change. */
export interface Entry extends Summary {
  readonly name: string;
  readonly id: string;
  readonly collection: string;
  location: Location;
}

export class Collection {
  readonly name: string;
  /** Last part of the name. */
  readonly group: string;
  readonly entries = new Map<string, Entry>();
  readonly #indexes = new Map<string, Map<string, Set<Entry>>>();

  constructor(name: string, group: string) {
    this.name = name;
    this.group = group;
  }

  put(entry: Entry): void {
    this.remove(entry.id);
    this.entries.set(entry.id, entry);
    for (const [field, index] of this.#indexes) addTo(index, field, entry);
  }

  remove(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    this.entries.delete(id);
    for (const [field, index] of this.#indexes) removeFrom(index, field, entry);
  }

  /** The entries that may have this value in this top-level field; undefined when only a look at all can tell. */
  candidates(field: string, value: Value): ReadonlySet<Entry> | undefined {
    const key = equalityKey(value);
    if (key === undefined || !isSurelyKept(value)) return undefined;
    let index = this.#indexes.get(field);
    if (!index) {
      index = new Map();
      for (const entry of this.entries.values()) addTo(index, field, entry);
      this.#indexes.set(field, index);
    }
    return index.get(key) ?? NONE;
  }
}

/** In the order of names. */
export function compareEntries(a: Entry, b: Entry): number {
  return a.collection === b.collection ? compareText(a.id, b.id) : compareNames(a.name, b.name);
}

const NONE: ReadonlySet<Entry> = new Set();

function addTo(index: Map<string, Set<Entry>>, field: string, entry: Entry): void {
  const key = keyOf(field, entry);
  if (key === undefined) return;
  const held = index.get(key);
  if (held) held.add(entry);
  else index.set(key, new Set([entry]));
}

function removeFrom(index: Map<string, Set<Entry>>, field: string, entry: Entry): void {
  const key = keyOf(field, entry);
  if (key === undefined) return;
  const held = index.get(key);
  held?.delete(entry);
  if (held?.size === 0) index.delete(key);
}

function keyOf(field: string, entry: Entry): string | undefined {
  const value = entry.fields.get(field);
  return value === undefined ? undefined : equalityKey(value);
}

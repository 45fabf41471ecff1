/**
 * The objects of one bucket in memory, in the order of their names, and how they are listed.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/list
 */
import { compareText } from '../text-order.ts';
import type { ObjectRecord } from './resource.ts';

export interface Listing {
  readonly prefix?: string;
  readonly delimiter?: string;
  /** Names that end in the delimiter are items too. */
  readonly includeTrailingDelimiter?: boolean;
  /** First name, and first name no more. */
  readonly startOffset?: string;
  readonly endOffset?: string;
  /** Goes on after this item or prefix. */
  readonly after?: string;
  readonly limit: number;
}

export interface Page {
  readonly items: ObjectRecord[];
  readonly prefixes: string[];
  /** Set when there is more: `after` of the next page. */
  readonly last?: string;
}

export class ObjectIndex {
  readonly #objects = new Map<string, ObjectRecord>();
  /** In byte order; made anew when asked for after many additions. */
  #names: string[] = [];
  #unsorted: string[] = [];

  get size(): number {
    return this.#objects.size;
  }

  get(name: string): ObjectRecord | undefined {
    return this.#objects.get(name);
  }

  all(): IterableIterator<ObjectRecord> {
    return this.#objects.values();
  }

  put(record: ObjectRecord): void {
    if (!this.#objects.has(record.name)) this.#unsorted.push(record.name);
    this.#objects.set(record.name, record);
  }

  remove(name: string): void {
    // Its name stays in the order until the next listing finds that it is gone.
    this.#objects.delete(name);
  }

  list(listing: Listing): Page {
    const { prefix = '', delimiter, after, startOffset = '', endOffset, limit } = listing;
    const names = this.#sorted();
    const items: ObjectRecord[] = [];
    const prefixes: string[] = [];
    let last: string | undefined;
    let at = lowerBound(names, compareText(startOffset, prefix) > 0 ? startOffset : prefix);
    if (after !== undefined) at = Math.max(at, lowerBound(names, after));
    for (; at < names.length; at++) {
      const name = names[at]!;
      if (!name.startsWith(prefix) || (endOffset && compareText(name, endOffset) >= 0)) break;
      const folder = folderOf(name, prefix, delimiter);
      const key = folder ?? name;
      const isNew = after === undefined || compareText(key, after) > 0;
      const trailing = listing.includeTrailingDelimiter && name === folder;
      if (isNew && items.length + prefixes.length >= limit) return { items, prefixes, last: last! };
      if (isNew) last = key;
      if (isNew && folder !== undefined) prefixes.push(folder);
      if (isNew && (folder === undefined || trailing)) items.push(this.#objects.get(name)!);
      // All names of a folder lie together: on to the first behind them.
      if (folder !== undefined) at = endOf(names, folder, at) - 1;
    }
    return { items, prefixes };
  }

  #sorted(): string[] {
    const gone = this.#names.length + this.#unsorted.length > this.#objects.size;
    if (this.#unsorted.length > 0 || gone) {
      const all = gone ? [...this.#objects.keys()] : [...this.#names, ...this.#unsorted];
      this.#names = all.sort(compareText);
      this.#unsorted = [];
    }
    return this.#names;
  }
}

/** The prefix that a name is rolled up into, if it is. */
function folderOf(name: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (!delimiter) return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : name.slice(0, at + delimiter.length);
}

/** Index of the first name that is not before `text`. */
function lowerBound(names: readonly string[], text: string): number {
  return search(names, 0, (name) => compareText(name, text) >= 0);
}

/** Index of the first name from `from` on that does not begin with `folder`. */
function endOf(names: readonly string[], folder: string, from: number): number {
  return search(names, from, (name) => !name.startsWith(folder));
}

function search(names: readonly string[], from: number, isBehind: (name: string) => boolean): number {
  let low = from;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBehind(names[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

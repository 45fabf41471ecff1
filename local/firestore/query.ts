/**
 * Runs a structured query over the store: equalities by index, the rest by looking at the small fields in memory;
 * the disk is asked only for documents whose large or nested fields a filter or an order names.
 * Under pressure: with a limit, no more than twice as many candidates are held sorted at a time.
 */
import { type Collection, compareEntries, type Entry } from './collection.ts';
import { invalid, unimplemented } from './failure.ts';
import { compileFilter, inequalityFields, requiredEqualities, type ValueOf } from './filter.ts';
import { NAME_FIELD, parseFieldPath, valueAt } from './path.ts';
import type { Cursor, Fields, StructuredQuery, Value } from './protocol.ts';
import type { DocumentStore } from './store.ts';
import { compareValues } from './value.ts';

interface Order {
  readonly path: readonly string[];
  readonly sign: 1 | -1;
}

/** An entry with the values it is ordered by. */
interface Row {
  readonly entry: Entry;
  readonly keys: readonly Value[];
}

const DESCENDING = 2;

/** The documents that answer `query` under `parent`, in order, with offset and limit applied. */
export function runQuery(store: DocumentStore, parent: string, query: StructuredQuery): Entry[] {
  if (query.findNearest !== undefined) throw unimplemented('findNearest is not supported.');
  const passes = compileFilter(query.where);
  const orders = ordersOf(query);
  const compare = rowComparer(orders);
  const limit = query.limit?.value ?? Number.POSITIVE_INFINITY;
  const offset = query.offset ?? 0;
  if (limit < 0 || offset < 0) throw invalid('limit and offset must not be negative.');
  const rows = new SortedRows(compare, offset + limit);
  for (const collection of selected(store, parent, query)) {
    for (const entry of candidates(collection, query)) {
      const fieldAt = valuesOf(store, entry);
      const row = passes(fieldAt) ? rowOf(entry, orders, fieldAt) : undefined;
      if (row && inCursors(row, orders, query)) rows.add(row);
    }
  }
  return rows
    .take()
    .slice(offset)
    .map(({ entry }) => entry);
}

function selected(store: DocumentStore, parent: string, query: StructuredQuery): Iterable<Collection> {
  const [selector, more] = query.from ?? [];
  if (!selector || more) throw invalid('Exactly one collection must be named in "from".');
  const { collectionId, allDescendants } = selector;
  if (!allDescendants) {
    const collection = store.collection(`${parent}/${collectionId}`);
    return collection ? [collection] : [];
  }
  return [...store.collections()].filter(
    ({ name, group }) => (!collectionId || group === collectionId) && name.startsWith(`${parent}/`),
  );
}

/** The smallest set that an equality of the query narrows the collection to. */
function candidates(collection: Collection, query: StructuredQuery): Iterable<Entry> {
  let best: ReadonlySet<Entry> | undefined;
  for (const { field, value } of requiredEqualities(query.where)) {
    const found = collection.candidates(field, value);
    if (found && (!best || found.size < best.size)) best = found;
  }
  return best ?? collection.entries.values();
}

/** Values of one document: from memory where kept, else from disk, once. */
export function valuesOf(store: DocumentStore, entry: Entry): ValueOf {
  let loaded: Fields | undefined;
  return (path) => {
    const head = path[0]!;
    if (head === NAME_FIELD && path.length === 1) return { referenceValue: entry.name };
    if (!entry.fields.has(head)) return undefined;
    const kept = entry.fields.get(head);
    if (kept !== undefined) return path.length === 1 ? kept : undefined;
    loaded ??= store.load(entry).fields ?? {};
    return valueAt(loaded, path);
  };
}

/** The orders asked for, then fields with inequalities, then the name: what Firestore appends too. */
function ordersOf(query: StructuredQuery): Order[] {
  const given = (query.orderBy ?? []).map(({ field, direction }) => ({
    text: field.fieldPath,
    sign: direction === DESCENDING ? (-1 as const) : (1 as const),
  }));
  const sign = given.at(-1)?.sign ?? 1;
  const named = new Set(given.map(({ text }) => text));
  for (const text of [...inequalityFields(query.where), NAME_FIELD]) {
    if (!named.has(text)) given.push({ text, sign });
    named.add(text);
  }
  return given.map(({ text, sign: each }) => ({ path: parseFieldPath(text), sign: each }));
}

/** Undefined when the document lacks a field it is to be ordered by. */
function rowOf(entry: Entry, orders: readonly Order[], fieldAt: ValueOf): Row | undefined {
  const keys: Value[] = [];
  for (const { path } of orders) {
    const value = fieldAt(path);
    if (value === undefined) return undefined;
    keys.push(value);
  }
  return { entry, keys };
}

function rowComparer(orders: readonly Order[]): (a: Row, b: Row) => number {
  const last = orders.length - 1;
  return (a, b) => {
    for (let i = 0; i < last; i++) {
      const order = compareValues(a.keys[i]!, b.keys[i]!);
      if (order !== 0) return order * orders[i]!.sign;
    }
    const order =
      orders[last]!.path[0] === NAME_FIELD
        ? compareEntries(a.entry, b.entry)
        : compareValues(a.keys[last]!, b.keys[last]!);
    return order * orders[last]!.sign;
  };
}

function inCursors(row: Row, orders: readonly Order[], { startAt, endAt }: StructuredQuery): boolean {
  if (startAt) {
    const order = compareToCursor(row, orders, startAt);
    if (order < 0 || (order === 0 && !startAt.before)) return false;
  }
  if (endAt) {
    const order = compareToCursor(row, orders, endAt);
    if (order > 0 || (order === 0 && endAt.before)) return false;
  }
  return true;
}

function compareToCursor(row: Row, orders: readonly Order[], cursor: Cursor): number {
  for (const [index, value] of (cursor.values ?? []).entries()) {
    const order = orders[index];
    if (!order) throw invalid('A cursor has more values than the query has orders.');
    const found = compareValues(row.keys[index]!, value) * order.sign;
    if (found !== 0) return found;
  }
  return 0;
}

/** The first `limit` rows of those added. */
class SortedRows {
  readonly #compare: (a: Row, b: Row) => number;
  readonly #limit: number;
  #rows: Row[] = [];

  constructor(compare: (a: Row, b: Row) => number, limit: number) {
    this.#compare = compare;
    this.#limit = limit;
  }

  add(row: Row): void {
    this.#rows.push(row);
    // Twice the limit and some: sorting then costs little per row.
    if (this.#rows.length > 2 * this.#limit + 100) this.#cut();
  }

  take(): Row[] {
    this.#cut();
    return this.#rows;
  }

  #cut(): void {
    this.#rows.sort(this.#compare);
    if (this.#rows.length > this.#limit) this.#rows.length = this.#limit;
  }
}

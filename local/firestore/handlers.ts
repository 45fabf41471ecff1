/**
 * What each method of Firestore's service does with a store. Requests and answers are plain messages; documents
 * leave as the bytes that lie on disk, unless a projection cuts them.
 * Not supported: Listen, pipelines, reads at a past time, PartitionQuery.
 */
import { type Aggregation, aggregate } from './aggregation.ts';
import type { Entry } from './collection.ts';
import { Failure, invalid, notFound, unimplemented } from './failure.ts';
import { NAME_FIELD, parseFieldPath, withValueAt } from './path.ts';
import {
  type Document,
  encodeDocument,
  type Fields,
  type StructuredQuery,
  timestampOf,
  type Value,
  type Write,
} from './protocol.ts';
import { runQuery, valuesOf } from './query.ts';
import type { DocumentStore } from './store.ts';
import type { Transactions } from './transactions.ts';

/** What a streaming method sends: a message, or an encoded document in the field that carries documents. */
export type Part = { readonly message: object } | { readonly document: Buffer; readonly readUs: number };

interface Reading {
  readonly transaction?: Uint8Array;
  readonly newTransaction?: unknown;
  readonly readTime?: unknown;
}

interface QueryRequest extends Reading {
  readonly parent: string;
  readonly structuredQuery?: StructuredQuery;
}

interface AggregationRequest extends Reading {
  readonly parent: string;
  readonly structuredAggregationQuery?: {
    readonly structuredQuery?: StructuredQuery;
    readonly aggregations?: readonly Aggregation[];
  };
}

interface GetRequest extends Reading {
  readonly documents?: readonly string[];
  readonly mask?: { readonly fieldPaths?: readonly string[] };
}

interface ListRequest extends Reading {
  readonly parent: string;
  readonly collectionId?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly mask?: { readonly fieldPaths?: readonly string[] };
}

const LIST_PAGE = 300;

export class Handlers {
  readonly #store: DocumentStore;
  readonly #transactions: Transactions;

  constructor(store: DocumentStore, transactions: Transactions) {
    this.#store = store;
    this.#transactions = transactions;
  }

  beginTransaction(): object {
    return { transaction: this.#transactions.begin() };
  }

  rollback(request: { readonly transaction?: Uint8Array }): object {
    if (request.transaction) this.#transactions.rollback(request.transaction);
    return {};
  }

  commit(request: { readonly writes?: readonly Write[]; readonly transaction?: Uint8Array }): object {
    if (request.transaction?.length) this.#transactions.finish(request.transaction);
    const { updateUs, results } = this.#store.commit(request.writes ?? []);
    return { writeResults: results, commitTime: timestampOf(updateUs) };
  }

  /** Each write by itself: one that fails does not keep the others from being applied. */
  batchWrite(request: { readonly writes?: readonly Write[] }): object {
    const writeResults: object[] = [];
    const statuses: object[] = [];
    for (const write of request.writes ?? []) {
      try {
        writeResults.push(this.#store.commit([write]).results[0]!);
        statuses.push({ code: 0 });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        writeResults.push({});
        statuses.push({ code: error.code, message: error.message });
      }
    }
    return { writeResults, status: statuses };
  }

  *batchGetDocuments(request: GetRequest): Generator<Part> {
    const { id, readUs } = this.#begin(request);
    if (request.newTransaction) yield { message: { transaction: id } };
    const wanted = (request.documents ?? []).map((name) => ({ name, entry: this.#store.entry(name) }));
    for (const { name, entry } of wanted) {
      if (id) this.#transactions.noteDocument(id, name, entry?.updateUs ?? 0);
      if (entry) yield { document: this.#encoded(entry, request.mask?.fieldPaths), readUs };
      else yield { message: { missing: name, readTime: timestampOf(readUs) } };
    }
  }

  *runQuery(request: QueryRequest): Generator<Part> {
    const { id, readUs } = this.#begin(request);
    if (request.newTransaction) yield { message: { transaction: id } };
    const query = queryOf(request.structuredQuery);
    const entries = runQuery(this.#store, request.parent, query);
    if (id) this.#transactions.noteQuery(id, request.parent, query);
    const paths = query.select?.fields?.map(({ fieldPath }) => fieldPath);
    for (const entry of entries) yield { document: this.#encoded(entry, paths), readUs };
    if (entries.length === 0) yield { message: { readTime: timestampOf(readUs) } };
  }

  *runAggregationQuery(request: AggregationRequest): Generator<Part> {
    const { id, readUs } = this.#begin(request);
    if (request.newTransaction) yield { message: { transaction: id } };
    const { structuredQuery, aggregations = [] } = request.structuredAggregationQuery ?? {};
    const query = queryOf(structuredQuery);
    const entries = runQuery(this.#store, request.parent, query);
    if (id) this.#transactions.noteQuery(id, request.parent, query);
    const column = (fieldPath: string): Value[] => {
      const path = parseFieldPath(fieldPath);
      return entries
        .map((entry) => valuesOf(this.#store, entry)(path))
        .filter((value) => value !== undefined);
    };
    const aggregateFields = aggregate(aggregations, entries.length, column);
    yield { message: { result: { aggregateFields }, readTime: timestampOf(readUs) } };
  }

  getDocument(request: Reading & { readonly name: string }): object {
    this.#begin(request);
    const entry = this.#store.entry(request.name);
    if (!entry) throw notFound(`Document "${request.name}" not found.`);
    return this.#store.load(entry);
  }

  listDocuments(request: ListRequest): object {
    this.#begin(request);
    const size = Math.min(request.pageSize || LIST_PAGE, LIST_PAGE);
    const after = request.pageToken ? { values: [{ referenceValue: request.pageToken }] } : undefined;
    const entries = runQuery(this.#store, request.parent, {
      from: [{ collectionId: request.collectionId ?? '' }],
      limit: { value: size },
      ...(after ? { startAt: after } : {}),
    });
    const documents = entries.map((entry) => this.#projected(entry, request.mask?.fieldPaths));
    const last = entries.length === size ? entries.at(-1) : undefined;
    return { documents, ...(last ? { nextPageToken: last.name } : {}) };
  }

  listCollectionIds(request: { readonly parent: string }): object {
    const ids = new Set<string>();
    for (const { name } of this.#store.collections()) {
      if (name.startsWith(`${request.parent}/`))
        ids.add(name.slice(request.parent.length + 1).split('/')[0]!);
    }
    return { collectionIds: [...ids].sort() };
  }

  /** The transaction to read in, if any, and the time to call it. */
  #begin(request: Reading): { readonly id: Uint8Array | undefined; readonly readUs: number } {
    if (request.readTime) throw unimplemented('Reads at a past time are not supported.');
    const id = request.newTransaction ? this.#transactions.begin() : request.transaction;
    return { id: id?.length ? id : undefined, readUs: this.#store.readUs() };
  }

  #encoded(entry: Entry, paths: readonly string[] | undefined): Buffer {
    return paths ? encodeDocument(this.#projected(entry, paths)) : this.#store.read(entry);
  }

  #projected(entry: Entry, paths: readonly string[] | undefined): Document {
    if (!paths) return this.#store.load(entry);
    const fieldAt = valuesOf(this.#store, entry);
    let fields: Fields = {};
    for (const text of paths) {
      if (text === NAME_FIELD) continue;
      const path = parseFieldPath(text);
      const value = fieldAt(path);
      if (value !== undefined) fields = withValueAt(fields, path, value);
    }
    const [createTime, updateTime] = [timestampOf(entry.createUs), timestampOf(entry.updateUs)];
    return { name: entry.name, fields, createTime, updateTime };
  }
}

function queryOf(query: StructuredQuery | undefined): StructuredQuery {
  if (!query) throw invalid('A structured query is expected.');
  return query;
}

/**
 * Names of documents and paths of fields, as text and in parts. Pure.
 * Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#google.firestore.v1.Document
 */
import { invalid } from './failure.ts';
import type { Fields, Value } from './protocol.ts';

/** The name of the document itself, where a field is expected. */
export const NAME_FIELD = '__name__';

export interface DocumentPath {
  /** Full name of the collection, e.g. projects/p/databases/d/documents/partials */
  readonly collection: string;
  /** Last part of the collection's name. */
  readonly group: string;
  readonly id: string;
}

const ROOT = /^projects\/[^/]+\/databases\/[^/]+\/documents$/;
const MAX_NAME_BYTES = 6 * 1024;

/** Splits a document's full name; refuses what is no name of a document. */
export function parseName(name: string | undefined): DocumentPath {
  const parts = (name ?? '').split('/');
  // projects/p/databases/d/documents and then pairs of collection and id.
  const wellFormed =
    parts.length >= 7 &&
    parts.length % 2 === 1 &&
    ROOT.test(parts.slice(0, 5).join('/')) &&
    !parts.includes('');
  if (!wellFormed || Buffer.byteLength(name!) > MAX_NAME_BYTES) {
    throw invalid(
      `Document name "${name}" is not of the form projects/*/databases/*/documents/collection/id.`,
    );
  }
  const id = parts.pop()!;
  return { collection: parts.join('/'), group: parts.at(-1)!, id };
}

/** Splits a field path: `a.b` is two parts, `` `a.b` `` one. */
export function parseFieldPath(path: string): string[] {
  const parts: string[] = [];
  const part = /`((?:[^`\\]|\\.)*)`|([^`.]+)/y;
  let at = 0;
  while (at <= path.length) {
    part.lastIndex = at;
    const found = part.exec(path);
    if (!found) break;
    parts.push(found[2] ?? found[1]!.replace(/\\(.)/g, '$1'));
    at = part.lastIndex;
    if (at === path.length) return parts;
    if (path[at++] !== '.') break;
  }
  throw invalid(`Invalid property path "${path}".`);
}

/** The value at a path, undefined when there is none. */
export function valueAt(fields: Fields, path: readonly string[]): Value | undefined {
  let value: Value | undefined = { mapValue: { fields } };
  for (const part of path) {
    const inner: Fields | undefined = value?.mapValue?.fields;
    value = inner !== undefined && Object.hasOwn(inner, part) ? inner[part] : undefined;
  }
  return value;
}

/** A copy with the value at the path; undefined takes it out. Maps on the way are made where missing. */
export function withValueAt(fields: Fields, path: readonly string[], value: Value | undefined): Fields {
  const [head, ...rest] = path;
  const copy: Record<string, Value> = { ...fields };
  if (rest.length > 0) {
    const inner = Object.hasOwn(copy, head!) ? copy[head!]!.mapValue?.fields : undefined;
    if (value === undefined && inner === undefined) return fields;
    copy[head!] = { mapValue: { fields: withValueAt(inner ?? {}, rest, value) } };
  } else if (value === undefined) delete copy[head!];
  else copy[head!] = value;
  return copy;
}

/**
 * What one write makes of one document: preconditions, masks, transforms. Pure.
 * Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#google.firestore.v1.Write
 */
import { isDeepStrictEqual } from 'node:util';
import { Failure, invalid, notFound, status } from './failure.ts';
import { parseFieldPath, parseName, valueAt, withValueAt } from './path.ts';
import {
  type Fields,
  type FieldTransform,
  microsOf,
  type Precondition,
  timestampOf,
  type Value,
  type Write,
  type WriteResult,
} from './protocol.ts';
import { transformed } from './transform.ts';

/** A document as a write finds it or leaves it; its fields are read when needed. */
export interface Current {
  readonly createUs: number;
  readonly updateUs: number;
  readonly fields: () => Fields;
}

const MAX_DOCUMENT_BYTES = 1 << 20;

/** The document a write is about. */
export function writtenName(write: Write): string {
  const name = write.update?.name ?? write.delete ?? write.transform?.document;
  parseName(name);
  return name!;
}

/** Applies a write to the document `name` at `updateUs`: `next` is `current` when nothing changes. Throws a Failure when its precondition does not hold. */
export function applyWrite(
  write: Write,
  name: string,
  current: Current | undefined,
  updateUs: number,
): { readonly next: Current | undefined; readonly result: WriteResult } {
  check(name, write.currentDocument, current);
  if (write.delete !== undefined) return { next: undefined, result: {} };
  const transforms = write.updateTransforms ?? write.transform?.fieldTransforms ?? [];
  const base = write.update ? updatedFields(write, current) : (current?.fields() ?? {});
  const { fields, transformResults } = transform(base, transforms, updateUs);
  checkSize(name, fields);
  if (current && isDeepStrictEqual(fields, current.fields())) {
    // Nothing changes, the update time neither.
    return { next: current, result: resultOf(current.updateUs, transformResults) };
  }
  const next = { createUs: current?.createUs ?? updateUs, updateUs, fields: () => fields };
  return { next, result: resultOf(updateUs, transformResults) };
}

function resultOf(updateUs: number, transformResults: readonly Value[]): WriteResult {
  const updateTime = timestampOf(updateUs);
  return transformResults.length > 0 ? { updateTime, transformResults } : { updateTime };
}

function check(name: string, condition: Precondition | undefined, current: Current | undefined): void {
  if (condition?.exists === false && current) {
    throw new Failure(status.ALREADY_EXISTS, `Document already exists: ${name}`);
  }
  if (condition?.exists === true && !current) throw notFound(`No document to update: ${name}`);
  if (condition?.updateTime === undefined) return;
  const requiredUs = microsOf(condition.updateTime);
  if (current?.updateUs === requiredUs) return;
  throw new Failure(
    status.FAILED_PRECONDITION,
    current
      ? `the stored version (${current.updateUs}) does not match the required base version (${requiredUs})`
      : `the document does not exist and so has no required base version (${requiredUs}): ${name}`,
  );
}

function updatedFields(write: Write, current: Current | undefined): Fields {
  const given = write.update!.fields ?? {};
  if (!write.updateMask) return given;
  let fields = current?.fields() ?? {};
  for (const text of write.updateMask.fieldPaths ?? []) {
    const path = parseFieldPath(text);
    fields = withValueAt(fields, path, valueAt(given, path));
  }
  return fields;
}

function transform(
  base: Fields,
  transforms: readonly FieldTransform[],
  updateUs: number,
): { readonly fields: Fields; readonly transformResults: Value[] } {
  let fields = base;
  const transformResults: Value[] = [];
  for (const each of transforms) {
    const path = parseFieldPath(each.fieldPath);
    const { value, result } = transformed(each, valueAt(fields, path), updateUs);
    fields = withValueAt(fields, path, value);
    transformResults.push(result);
  }
  return { fields, transformResults };
}

/** Counts as Firestore's reference does, closely enough: names, strings by their bytes, 8 for a number. */
function checkSize(name: string, fields: Fields): void {
  const bytes = Buffer.byteLength(name) + 32 + sizeOf({ mapValue: { fields } });
  if (bytes <= MAX_DOCUMENT_BYTES) return;
  throw invalid(
    `Document '${name}' cannot be written because its size (${bytes} bytes) exceeds the maximum allowed size of ${MAX_DOCUMENT_BYTES} bytes.`,
  );
}

function sizeOf(value: Value): number {
  if (value.stringValue !== undefined) return Buffer.byteLength(value.stringValue) + 1;
  if (value.bytesValue !== undefined) return value.bytesValue.length;
  if (value.referenceValue !== undefined) return Buffer.byteLength(value.referenceValue) + 16;
  let bytes = 0;
  for (const each of value.arrayValue?.values ?? []) bytes += sizeOf(each);
  for (const [field, each] of Object.entries(value.mapValue?.fields ?? {})) {
    bytes += Buffer.byteLength(field) + 1 + sizeOf(each);
  }
  return value.arrayValue || value.mapValue ? bytes : value.booleanValue === undefined ? 8 : 1;
}

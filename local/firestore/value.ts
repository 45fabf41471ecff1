/**
 * How Firestore orders and equates values of all types. Pure.
 * Source: https://cloud.google.com/firestore/docs/concepts/data-types#value_type_ordering
 */
import { compareText } from '../text-order.ts';
import type { Value } from './protocol.ts';

/** Place of a value's type in the order of types. */
export function rankOf(value: Value): number {
  if (value.nullValue !== undefined) return 0;
  if (value.booleanValue !== undefined) return 1;
  if (value.integerValue !== undefined || value.doubleValue !== undefined) return 2;
  if (value.timestampValue !== undefined) return 3;
  if (value.stringValue !== undefined) return 4;
  if (value.bytesValue !== undefined) return 5;
  if (value.referenceValue !== undefined) return 6;
  if (value.geoPointValue !== undefined) return 7;
  if (value.arrayValue !== undefined) return 8;
  return 9;
}

/** Negative, zero or positive as `a` comes before, with or after `b`. */
export function compareValues(a: Value, b: Value): number {
  const rank = rankOf(a);
  const otherRank = rankOf(b);
  return rank !== otherRank ? rank - otherRank : COMPARE[rank]!(a, b);
}

export function equalValues(a: Value, b: Value): boolean {
  return compareValues(a, b) === 0;
}

export function isNaNValue(value: Value): boolean {
  return value.doubleValue !== undefined && Number.isNaN(value.doubleValue);
}

/**
 * A string that is the same for equal values, or undefined for types that are not looked up by key. Integers
 * beyond 2^53 may share one: a match by key is checked by `equalValues`.
 */
export function equalityKey(value: Value): string | undefined {
  if (value.stringValue !== undefined) return `s${value.stringValue}`;
  if (value.integerValue !== undefined) return `n${Number(value.integerValue)}`;
  // Adding zero turns -0 into 0.
  if (value.doubleValue !== undefined) return `n${value.doubleValue + 0}`;
  if (value.booleanValue !== undefined) return `b${value.booleanValue}`;
  if (value.referenceValue !== undefined) return `r${value.referenceValue}`;
  if (value.nullValue !== undefined) return '0';
  const { timestampValue } = value;
  if (timestampValue !== undefined) return `t${timestampValue.seconds ?? 0}.${timestampValue.nanos ?? 0}`;
  return undefined;
}

/** Resource names part by part. */
export function compareNames(a: string, b: string): number {
  // A slash orders before every character that is in use in names but not before all: replace it by the lowest.
  return compareText(a.replaceAll('/', '\0'), b.replaceAll('/', '\0'));
}

const COMPARE: readonly ((a: Value, b: Value) => number)[] = [
  () => 0,
  (a, b) => Number(a.booleanValue) - Number(b.booleanValue),
  compareNumbers,
  (a, b) =>
    Number(a.timestampValue!.seconds ?? 0) - Number(b.timestampValue!.seconds ?? 0) ||
    (a.timestampValue!.nanos ?? 0) - (b.timestampValue!.nanos ?? 0),
  (a, b) => compareText(a.stringValue!, b.stringValue!),
  (a, b) => Buffer.compare(a.bytesValue!, b.bytesValue!),
  (a, b) => compareNames(a.referenceValue!, b.referenceValue!),
  (a, b) =>
    (a.geoPointValue!.latitude ?? 0) - (b.geoPointValue!.latitude ?? 0) ||
    (a.geoPointValue!.longitude ?? 0) - (b.geoPointValue!.longitude ?? 0),
  (a, b) => compareArrays(a.arrayValue!.values ?? [], b.arrayValue!.values ?? []),
  compareMaps,
];

function compareNumbers(a: Value, b: Value): number {
  if (a.integerValue !== undefined && b.integerValue !== undefined) {
    const [low, high] = [Number(a.integerValue), Number(b.integerValue)];
    if (Number.isSafeInteger(low) && Number.isSafeInteger(high)) return low - high;
    const [left, right] = [BigInt(a.integerValue), BigInt(b.integerValue)];
    return left < right ? -1 : left > right ? 1 : 0;
  }
  const [left, right] = [numberOf(a), numberOf(b)];
  // NaN is equal to itself and below every number.
  if (Number.isNaN(left) || Number.isNaN(right))
    return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  return left < right ? -1 : left > right ? 1 : 0;
}

function numberOf(value: Value): number {
  return value.doubleValue ?? Number(value.integerValue);
}

function compareArrays(a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareValues(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareMaps(a: Value, b: Value): number {
  const left = sortedEntries(a);
  const right = sortedEntries(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareText(left[i]![0], right[i]![0]) || compareValues(left[i]![1], right[i]![1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function sortedEntries(value: Value): [string, Value][] {
  return Object.entries(value.mapValue?.fields ?? {}).sort(([a], [b]) => compareText(a, b));
}

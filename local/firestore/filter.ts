/**
 * Whether a document passes the filters of a query, and which equalities every result must meet. Pure.
 * Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#structuredquery
 */
import { invalid, unimplemented } from './failure.ts';
import { NAME_FIELD, parseFieldPath } from './path.ts';
import type { Filter, Value } from './protocol.ts';
import { compareValues, equalValues, isNaNValue, rankOf } from './value.ts';

/** Gives the value at a path of one document, undefined when there is none. */
export type ValueOf = (path: readonly string[]) => Value | undefined;

export type Predicate = (fieldAt: ValueOf) => boolean;

/** StructuredQuery.FieldFilter.Operator */
const OPERATORS: Readonly<Record<number, (value: Value, operand: Value) => boolean>> = {
  1: ordered((order) => order < 0),
  2: ordered((order) => order <= 0),
  3: ordered((order) => order > 0),
  4: ordered((order) => order >= 0),
  5: equalValues,
  6: (value, operand) => value.nullValue === undefined && !equalValues(value, operand),
  7: (value, operand) => elements(value).some((each) => equalValues(each, operand)),
  8: (value, operand) => elements(operand).some((each) => equalValues(value, each)),
  9: (value, operand) =>
    elements(operand).some((want) => elements(value).some((each) => equalValues(each, want))),
  10: (value, operand) =>
    value.nullValue === undefined &&
    !elements(operand).some((each) => each.nullValue !== undefined || equalValues(value, each)),
};

/** StructuredQuery.UnaryFilter.Operator */
const UNARY: Readonly<Record<number, (value: Value) => boolean>> = {
  2: isNaNValue,
  3: (value) => value.nullValue !== undefined,
  4: (value) => value.nullValue === undefined && !isNaNValue(value),
  5: (value) => value.nullValue === undefined,
};

const EQUAL = 5;
/** Operators that order their results by their field. */
const INEQUALITIES = new Set([1, 2, 3, 4, 6, 10]);
const UNARY_INEQUALITIES = new Set([4, 5]);
const AND = 1;
const OR = 2;

/** Turns a filter into a predicate. */
export function compileFilter(filter: Filter | undefined): Predicate {
  if (!filter) return () => true;
  const { compositeFilter, fieldFilter, unaryFilter } = filter;
  if (compositeFilter) {
    const parts = (compositeFilter.filters ?? []).map(compileFilter);
    if (compositeFilter.op === AND) return (fieldAt) => parts.every((part) => part(fieldAt));
    if (compositeFilter.op === OR) return (fieldAt) => parts.some((part) => part(fieldAt));
    throw invalid(`Composite filter has an unknown operator: ${compositeFilter.op}.`);
  }
  if (fieldFilter) {
    const test = OPERATORS[fieldFilter.op];
    if (!test) throw unimplemented(`Field filter operator ${fieldFilter.op} is not supported.`);
    const path = parseFieldPath(fieldFilter.field.fieldPath);
    return onValue(path, (value) => test(value, fieldFilter.value));
  }
  const test = unaryFilter && UNARY[unaryFilter.op];
  if (!test) throw unimplemented('A filter of this kind is not supported.');
  return onValue(parseFieldPath(unaryFilter.field.fieldPath), test);
}

/** Top-level fields that every result has with exactly this value. */
export function requiredEqualities(filter: Filter | undefined): { field: string; value: Value }[] {
  const { compositeFilter, fieldFilter } = filter ?? {};
  if (compositeFilter?.op === AND) return (compositeFilter.filters ?? []).flatMap(requiredEqualities);
  if (fieldFilter?.op !== EQUAL) return [];
  const path = parseFieldPath(fieldFilter.field.fieldPath);
  const [field] = path;
  return path.length === 1 && field !== NAME_FIELD ? [{ field: field!, value: fieldFilter.value }] : [];
}

/** Fields with an inequality, by name; a query without an order of its own is ordered by them. */
export function inequalityFields(filter: Filter | undefined): string[] {
  const { compositeFilter, fieldFilter, unaryFilter } = filter ?? {};
  if (compositeFilter) {
    return [...new Set((compositeFilter.filters ?? []).flatMap(inequalityFields))].sort();
  }
  if (fieldFilter) return INEQUALITIES.has(fieldFilter.op) ? [fieldFilter.field.fieldPath] : [];
  return unaryFilter && UNARY_INEQUALITIES.has(unaryFilter.op) ? [unaryFilter.field.fieldPath] : [];
}

function onValue(path: readonly string[], test: (value: Value) => boolean): Predicate {
  return (fieldAt) => {
    const value = fieldAt(path);
    return value !== undefined && test(value);
  };
}

/** Comparisons hold among values of one type alone, and never for NaN. */
function ordered(test: (order: number) => boolean): (value: Value, operand: Value) => boolean {
  return (value, operand) =>
    rankOf(value) === rankOf(operand) &&
    isNaNValue(value) === isNaNValue(operand) &&
    test(compareValues(value, operand));
}

function elements(value: Value): readonly Value[] {
  return value.arrayValue?.values ?? [];
}

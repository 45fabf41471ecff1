/**
 * count, sum and average over the documents of a query. Pure over what it is given.
 * Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#structuredaggregationquery
 */
import { invalid } from './failure.ts';
import type { Value } from './protocol.ts';

export interface Aggregation {
  readonly alias?: string;
  readonly count?: { readonly upTo?: { readonly value?: string } };
  readonly sum?: { readonly field: { fieldPath: string } };
  readonly avg?: { readonly field: { fieldPath: string } };
}

/** Values of a field over all documents, where it is there. */
export type Column = (fieldPath: string) => Value[];

/** One value per alias. */
export function aggregate(
  aggregations: readonly Aggregation[],
  documents: number,
  column: Column,
): Record<string, Value> {
  const results: Record<string, Value> = {};
  aggregations.forEach((each, index) => {
    results[each.alias || `field_${index + 1}`] = resultOf(each, documents, column);
  });
  return results;
}

function resultOf({ count, sum, avg }: Aggregation, documents: number, column: Column): Value {
  if (count) {
    const upTo = Number(count.upTo?.value ?? Number.POSITIVE_INFINITY);
    return { integerValue: String(Math.min(documents, upTo)) };
  }
  const path = (sum ?? avg)?.field.fieldPath;
  if (path === undefined) throw invalid('An aggregation must be a count, a sum or an average.');
  const numbers = column(path).filter((v) => v.integerValue !== undefined || v.doubleValue !== undefined);
  if (avg && numbers.length === 0) return { nullValue: 0 };
  const total = numbers.reduce((all, v) => all + Number(v.integerValue ?? v.doubleValue), 0);
  if (avg) return { doubleValue: total / numbers.length };
  const whole = numbers.every((v) => v.integerValue !== undefined) && Number.isSafeInteger(total);
  return whole ? { integerValue: String(total) } : { doubleValue: total };
}

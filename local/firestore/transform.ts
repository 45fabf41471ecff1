/**
 * Field transforms: the server's time, counters, minimum and maximum, set-like arrays. Pure.
 * Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#fieldtransform
 */
import { invalid } from './failure.ts';
import { type FieldTransform, timestampOf, type Value } from './protocol.ts';
import { compareValues, equalValues, rankOf } from './value.ts';

const NUMBER_RANK = 2;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const NULL: Value = { nullValue: 0 };

/** The field's new value and what the client is told of it. */
export function transformed(
  transform: FieldTransform,
  before: Value | undefined,
  nowUs: number,
): { readonly value: Value; readonly result: Value } {
  const { increment, maximum, minimum, appendMissingElements, removeAllFromArray } = transform;
  if (transform.setToServerValue !== undefined) {
    // Milliseconds, as Firestore's request time has them.
    return told({ timestampValue: timestampOf(Math.floor(nowUs / 1000) * 1000) });
  }
  if (increment) return told(sum(numberBefore(before) ?? { integerValue: '0' }, increment));
  if (maximum) return told(extreme(numberBefore(before), maximum, 1));
  if (minimum) return told(extreme(numberBefore(before), minimum, -1));
  const values = before?.arrayValue?.values ?? [];
  if (appendMissingElements) {
    const added = [...values];
    for (const value of appendMissingElements.values ?? []) {
      if (!added.some((each) => equalValues(each, value))) added.push(value);
    }
    return { value: { arrayValue: { values: added } }, result: NULL };
  }
  if (removeAllFromArray) {
    const unwanted = removeAllFromArray.values ?? [];
    const left = values.filter((each) => !unwanted.some((value) => equalValues(each, value)));
    return { value: { arrayValue: { values: left } }, result: NULL };
  }
  throw invalid(`Transform of field "${transform.fieldPath}" names no operation.`);
}

const told = (value: Value): { value: Value; result: Value } => ({ value, result: value });

/** What is no number counts as not there. */
function numberBefore(value: Value | undefined): Value | undefined {
  return value !== undefined && rankOf(value) === NUMBER_RANK ? value : undefined;
}

function extreme(before: Value | undefined, operand: Value, sign: 1 | -1): Value {
  if (before === undefined) return operand;
  return sign * compareValues(operand, before) > 0 ? operand : before;
}

function sum(a: Value, b: Value): Value {
  if (a.integerValue === undefined || b.integerValue === undefined) {
    return { doubleValue: Number(a.doubleValue ?? a.integerValue) + Number(b.doubleValue ?? b.integerValue) };
  }
  const total = BigInt(a.integerValue) + BigInt(b.integerValue);
  // Saturates at the ends, as Firestore does.
  const bounded = total > MAX_INT64 ? MAX_INT64 : total < MIN_INT64 ? MIN_INT64 : total;
  return { integerValue: String(bounded) };
}

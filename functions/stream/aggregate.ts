/**
 * A mergeable aggregate, after Flink's AggregateFunction, with an encoding so that a partial result can rest in
 * a document between two functions.
 *
 * Laws every aggregate keeps (property tests hold them): `merge` is associative and commutative and equals
 * adding all elements to one accumulator; `decode(encode(a))` behaves as `a`; `result` of the same multiset of
 * elements is the same to the last bit, in whatever order and grouping they came.
 */
export interface AggregateFunction<In, Acc, Out> {
  /** An empty accumulator. */
  create(): Acc;
  /** Adds one element. May change and return `acc`. */
  add(acc: Acc, element: In): Acc;
  /** The union of two accumulators. May change and return `a`; leaves `b` alone. */
  merge(a: Acc, b: Acc): Acc;
  /** The result; leaves `acc` alone. */
  result(acc: Acc): Out;
  /** The accumulator as a JSON value, small enough for a document. */
  encode(acc: Acc): unknown;
  /** Reads what `encode` wrote. Throws an Error that names the fault if it is not that. */
  decode(encoded: unknown): Acc;
  /**
   * As `merge(acc, decode(encoded))`, where that can be had for less. Throws as `decode` does; `acc` is then spoilt.
   */
  mergeEncoded?(acc: Acc, encoded: unknown): Acc;
}

/**
 * Accumulators as text: what rests in a document between the two halves of a job. A list of [key, encoded accumulator]
 * pairs, not an object, so that a key may be any text, `__proto__` too. One string field is four to six times
 * faster in Firestore than a nested map; what is over `MAX_PART_CHARS` takes several documents.
 */
import type { AggregateFunction } from '../stream/aggregate.ts';

/** A Firestore document holds 1 MiB; text takes up to three bytes a character. */
const MAX_PART_CHARS = 300_000;

/** The parts of a partial, at least one. */
export function encodeAccumulators<In, Acc, Out>(
  aggregate: AggregateFunction<In, Acc, Out>,
  accumulators: ReadonlyMap<string, Acc>,
): string[] {
  const parts: string[] = [];
  let pairs: string[] = [];
  let chars = 0;
  // By key, so that a batch that is delivered again makes the same parts.
  for (const [key, acc] of [...accumulators].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const pair = JSON.stringify([key, aggregate.encode(acc)]);
    if (chars > 0 && chars + pair.length > MAX_PART_CHARS) {
      parts.push(`[${pairs.join()}]`);
      pairs = [];
      chars = 0;
    }
    pairs.push(pair);
    chars += pair.length;
  }
  parts.push(`[${pairs.join()}]`);
  return parts;
}

/** Parts merged per key; those that cannot be read are left out whole. */
export interface Merged<Acc, Part> {
  readonly merged: Map<string, Acc>;
  readonly corrupt: readonly Part[];
}

export function mergeParts<In, Acc, Out, Part extends { readonly data: string }>(
  aggregate: AggregateFunction<In, Acc, Out>,
  parts: readonly Part[],
): Merged<Acc, Part> {
  try {
    const merged = new Map<string, Acc>();
    for (const part of parts) mergeFast(aggregate, merged, part.data);
    return { merged, corrupt: [] };
  } catch {
    // Rare: a corrupt part may have been merged by half. All over again, with care.
    return mergeWhole(aggregate, parts);
  }
}

function mergeWhole<In, Acc, Out, Part extends { readonly data: string }>(
  aggregate: AggregateFunction<In, Acc, Out>,
  parts: readonly Part[],
): Merged<Acc, Part> {
  const merged = new Map<string, Acc>();
  const corrupt: Part[] = [];
  for (const part of parts) {
    try {
      // Only a part that decodes whole is merged.
      const decoded = pairsOf(part.data).map((pair): [string, Acc] => [pair[0], aggregate.decode(pair[1])]);
      for (const [key, acc] of decoded) {
        const present = merged.get(key);
        merged.set(key, present === undefined ? acc : aggregate.merge(present, acc));
      }
    } catch {
      corrupt.push(part);
    }
  }
  return { merged, corrupt };
}

function mergeFast<In, Acc, Out>(
  aggregate: AggregateFunction<In, Acc, Out>,
  into: Map<string, Acc>,
  data: string,
): void {
  for (const [key, encoded] of pairsOf(data)) {
    const present = into.get(key);
    const acc =
      present === undefined
        ? aggregate.decode(encoded)
        : (aggregate.mergeEncoded?.(present, encoded) ?? aggregate.merge(present, aggregate.decode(encoded)));
    if (acc !== present) into.set(key, acc);
  }
}

/** The pairs of a part. Throws an Error if it is not what `encodeAccumulators` wrote. */
function pairsOf(data: string): readonly (readonly [key: string, encoded: unknown])[] {
  const pairs: unknown = JSON.parse(data);
  const isPair = (pair: unknown): boolean =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string';
  if (!Array.isArray(pairs) || !pairs.every(isPair))
    throw new Error('partial is not a list of keys and accumulators');
  return pairs;
}

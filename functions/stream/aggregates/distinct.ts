/**
 * Distinct strings by HyperLogLog: 4,096 registers, standard error 1.6 %, after Flajolet, Fusy, Gandouet and
 * Meunier (2007), with linear counting for small numbers. Registers are maxima, so merging is exact in any order.
 * Up to 256 occupied registers are kept as a sparse map; 4 KiB beyond.
 */
import { hashed, hashString } from './string-hash.ts';
import { encodeCount, type TextReader } from './text-code.ts';

const REGISTERS = 4096;
const INDEX_BITS = 12;
const SPARSE_LIMIT = 256;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);
/** Ranks come of 32 bits. */
const MAX_RANK = 33;
const INVERSE = Float64Array.from({ length: MAX_RANK + 1 }, (_, rank) => 2 ** -rank);

export interface Distinct {
  sparse: Map<number, number> | null;
  dense: Uint8Array | null;
}

export const emptyDistinct = (): Distinct => ({ sparse: null, dense: null });

/** Adds one string. */
export function addDistinct(distinct: Distinct, text: string): void {
  hashString(text);
  raise(distinct, hashed.high >>> (32 - INDEX_BITS), Math.clz32(hashed.low) + 1);
}

/** Adds `b` to `a`. */
export function mergeDistinct(a: Distinct, b: Distinct): void {
  b.sparse?.forEach((rank, index) => {
    raise(a, index, rank);
  });
  b.dense?.forEach((rank, index) => {
    if (rank > 0) raise(a, index, rank);
  });
}

/** The estimate, a whole number. */
export function countDistinct(distinct: Distinct): number {
  const ranks = distinct.dense ?? distinct.sparse?.values() ?? [];
  let occupied = 0;
  // Sums of powers of two down to 2^-33 over 4,096 registers are exact in a double, in any order.
  let inverse = 0;
  for (const rank of ranks) {
    if (rank === 0) continue;
    occupied++;
    inverse += INVERSE[rank]!;
  }
  const empty = REGISTERS - occupied;
  const estimate = (ALPHA * REGISTERS * REGISTERS) / (inverse + empty);
  const small = estimate <= 2.5 * REGISTERS && empty > 0;
  return Math.round(small ? REGISTERS * Math.log(REGISTERS / empty) : estimate);
}

/**
 * How many registers are occupied, then of each, ascending, the distance to the one before and its rank. When more
 * than 256 are: the ranks of all.
 */
export function encodeDistinct({ sparse, dense }: Distinct): string {
  if (dense !== null) return encodeCount(REGISTERS) + Array.from(dense, encodeCount).join('');
  if (sparse === null) return encodeCount(0);
  let text = encodeCount(sparse.size);
  let before = 0;
  for (const index of [...sparse.keys()].sort((a, b) => a - b)) {
    text += encodeCount(index - before) + encodeCount(sparse.get(index)!);
    before = index;
  }
  return text;
}

/** Adds what `encodeDistinct` wrote to `distinct`. Throws an Error if it is not that. */
export function readDistinct(distinct: Distinct, reader: TextReader): void {
  const occupied = reader.count();
  const all = occupied === REGISTERS;
  if (occupied > SPARSE_LIMIT && !all) throw new Error('distinct has a corrupt number of registers');
  let index = all ? -1 : 0;
  for (let left = occupied; left > 0; left--) {
    index += all ? 1 : reader.count();
    const rank = reader.count();
    if (index >= REGISTERS || rank > MAX_RANK) throw new Error('distinct has a corrupt register');
    if (rank > 0) raise(distinct, index, rank);
  }
}

function raise(distinct: Distinct, index: number, rank: number): void {
  if (distinct.dense !== null) {
    if (rank > distinct.dense[index]!) distinct.dense[index] = rank;
    return;
  }
  distinct.sparse ??= new Map();
  if (rank > (distinct.sparse.get(index) ?? 0)) distinct.sparse.set(index, rank);
  if (distinct.sparse.size > SPARSE_LIMIT) densify(distinct, distinct.sparse);
}

function densify(distinct: Distinct, sparse: ReadonlyMap<number, number>): void {
  distinct.dense = new Uint8Array(REGISTERS);
  for (const [index, rank] of sparse) distinct.dense[index] = rank;
  distinct.sparse = null;
}

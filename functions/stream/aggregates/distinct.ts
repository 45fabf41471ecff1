/**
 * Distinct strings by HyperLogLog: 4,096 registers, standard error 1.6 %, after Flajolet, Fusy, Gandouet and
 * Meunier (2007), with linear counting for small numbers. Registers are maxima, so merging is exact in any order.
 * Up to 256 occupied registers are kept as a sparse map; 4 KiB beyond.
 */
import { hashed, hashString } from './string-hash.ts';

const REGISTERS = 4096;
const INDEX_BITS = 12;
const SPARSE_LIMIT = 256;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

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
    inverse += 2 ** -rank;
  }
  const empty = REGISTERS - occupied;
  const estimate = (ALPHA * REGISTERS * REGISTERS) / (inverse + empty);
  const small = estimate <= 2.5 * REGISTERS && empty > 0;
  return Math.round(small ? REGISTERS * Math.log(REGISTERS / empty) : estimate);
}

/** Sparse: a list of index · 64 + rank, ascending; dense: the registers in base64. */
export function encodeDistinct({ sparse, dense }: Distinct): readonly number[] | string {
  if (dense !== null) return Buffer.from(dense).toString('base64');
  return [...(sparse ?? [])].map(([index, rank]) => index * 64 + rank).sort((a, b) => a - b);
}

/** Throws an Error if it is not what `encodeDistinct` wrote. */
export function decodeDistinct(encoded: unknown): Distinct {
  if (typeof encoded === 'string') {
    const dense = new Uint8Array(Buffer.from(encoded, 'base64'));
    if (dense.length !== REGISTERS || dense.some((rank) => rank > 33))
      throw new Error('distinct has corrupt registers');
    return { sparse: null, dense };
  }
  if (!Array.isArray(encoded)) throw new Error('distinct is neither a list nor text');
  const distinct = emptyDistinct();
  for (const pair of encoded) {
    if (!Number.isInteger(pair) || pair < 0 || pair >= REGISTERS * 64)
      throw new Error('distinct has a corrupt register');
    raise(distinct, Math.floor(pair / 64), pair % 64);
  }
  return distinct;
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

/**
 * How often each caller may ask: a bucket of tokens each, in memory, so by instance. Bounded: beyond MOST callers the one
 * that asked longest ago is forgotten, and begins with a full bucket again.
 */
import { Fault } from './fault.ts';

const MOST = 10_000;
/** So many seconds' worth may come at once. */
const BURST_S = 4;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** Throws a Fault for a caller who asks too often. */
export type RateLimit = (caller: string, nowMs: number) => void;

export function rateLimit(perSecond: number): RateLimit {
  const buckets = new Map<string, Bucket>();
  const full = perSecond * BURST_S;
  return (caller, nowMs) => {
    const before = buckets.get(caller) ?? { tokens: full, atMs: nowMs };
    const tokens = Math.min(full, before.tokens + (Math.max(0, nowMs - before.atMs) * perSecond) / 1000);
    buckets.delete(caller);
    buckets.set(caller, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs });
    if (buckets.size > MOST) buckets.delete(buckets.keys().next().value!);
    if (tokens >= 1) return;
    const waitS = Math.max(1, Math.ceil((1 - tokens) / perSecond));
    throw new Fault('too_many', `more than ${perSecond} requests a second`, {
      headers: { 'retry-after': String(waitS) },
    });
  };
}

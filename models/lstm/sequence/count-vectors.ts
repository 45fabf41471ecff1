/**
 * The simple baseline for sessions: how often each event occurs, order aside. A session is unusual if no training
 * session has nearly the same counts. On HDFS it does better than any network here, and is a member of the verdict.
 */
export interface CountVectors {
  /** Distance to the nearest training session: Σ|a − b| / Σ max(a, b), 0 (same counts) to 1 (nothing in common). */
  distance(session: readonly number[]): number;
  /** For every distinct vector the distance to the nearest other one. */
  spacing(): number[];
}

type Counts = ReadonlyMap<number, number>;

export function countVectors(sessions: Iterable<readonly number[]>): CountVectors {
  const known = new Map<string, Counts>();
  for (const session of sessions) {
    const counts = countsOf(session);
    known.set(keyOf(counts), counts);
  }
  const memo = new Map<string, number>();
  const nearest = (counts: Counts, except?: Counts): number => {
    let best = 1;
    for (const other of known.values()) if (other !== except) best = Math.min(best, distance(counts, other));
    return best;
  };
  return {
    distance: (session) => {
      const counts = countsOf(session);
      const key = keyOf(counts);
      const found = known.has(key) ? 0 : (memo.get(key) ?? nearest(counts));
      memo.set(key, found);
      return found;
    },
    spacing: () => Array.from(known.values(), (counts) => nearest(counts, counts)),
  };
}

function countsOf(session: readonly number[]): Counts {
  const counts = new Map<number, number>();
  for (const token of session) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

const keyOf = (counts: Counts): string =>
  [...counts]
    .sort((a, b) => a[0] - b[0])
    .map(([token, count]) => `${token}:${count}`)
    .join();

function distance(a: Counts, b: Counts): number {
  let apart = 0;
  let most = 0;
  for (const [token, count] of a) {
    const other = b.get(token) ?? 0;
    apart += Math.abs(count - other);
    most += Math.max(count, other);
  }
  for (const [token, count] of b)
    if (!a.has(token)) {
      apart += count;
      most += count;
    }
  return most === 0 ? 0 : apart / most;
}

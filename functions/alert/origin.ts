/**
 * Where an incident likely began. Pure. First in time comes first; where services share traces, the one whose error is
 * the earliest in a trace stands upstream of the others, and that counts for more than the start of a window, because
 * windows of ten seconds often begin together.
 */
export interface Failing {
  readonly service: string;
  /** Start of the first window that was bad. */
  readonly startedAtMs: number;
  readonly traces: readonly { readonly id: string; readonly atMs: number | null }[];
}

export interface Origin {
  /** All services, the likely origin first. */
  readonly order: readonly string[];
  /** Why the first is thought to be it; empty where there is but one. */
  readonly why: string;
}

/** Starts within this time of each other may as well be one. */
const TOGETHER_MS = 15_000;

export function originOf(failing: readonly Failing[]): Origin {
  const services = merged(failing);
  if (services.length < 2) return { order: services.map(({ service }) => service), why: '' };
  const votes = upstreamVotes(services);
  const firstMs = Math.min(...services.map(({ startedAtMs }) => startedAtMs));
  const rank = ({ service, startedAtMs }: Failing): number =>
    // A service that failed long after the first is no origin, whatever traces say.
    startedAtMs - firstMs <= TOGETHER_MS ? (votes.get(service) ?? 0) : Number.NEGATIVE_INFINITY;
  const order = [...services].sort(
    (a, b) => rank(b) - rank(a) || a.startedAtMs - b.startedAtMs || (a.service < b.service ? -1 : 1),
  );
  return { order: order.map(({ service }) => service), why: reason(order, votes) };
}

/** One entry a service: its first start, all its traces. */
function merged(failing: readonly Failing[]): Failing[] {
  const byService = new Map<string, Failing>();
  for (const one of failing) {
    const known = byService.get(one.service);
    byService.set(one.service, {
      service: one.service,
      startedAtMs: Math.min(one.startedAtMs, known?.startedAtMs ?? one.startedAtMs),
      traces: [...(known?.traces ?? []), ...one.traces],
    });
  }
  return [...byService.values()];
}

/** Per service: traces in which its error came before those of the others. */
function upstreamVotes(services: readonly Failing[]): Map<string, number> {
  const traces = new Map<string, Map<string, number>>();
  for (const { service, traces: own } of services)
    for (const { id, atMs } of own) {
      if (atMs === null) continue;
      const times = traces.get(id) ?? new Map<string, number>();
      times.set(service, Math.min(atMs, times.get(service) ?? atMs));
      traces.set(id, times);
    }
  const votes = new Map<string, number>();
  for (const times of traces.values()) {
    if (times.size < 2) continue;
    const [[first], [, secondMs]] = [...times].sort((a, b) => a[1] - b[1]) as [
      [string, number],
      [string, number],
    ];
    if (times.get(first)! < secondMs) votes.set(first, (votes.get(first) ?? 0) + 1);
  }
  return votes;
}

function reason(order: readonly Failing[], votes: ReadonlyMap<string, number>): string {
  const [first, second] = order as [Failing, Failing];
  const own = votes.get(first.service) ?? 0;
  const traces = own > 0 ? `first in ${own} shared trace${own === 1 ? '' : 's'}` : '';
  const aheadMs = second.startedAtMs - first.startedAtMs;
  const time = aheadMs > 0 ? `${Math.round(aheadMs / 1000)} s before ${second.service}` : '';
  return [time, traces].filter((part) => part !== '').join(', ') || 'began with the others';
}

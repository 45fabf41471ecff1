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
  const byTime = merged(failing).sort(
    (a, b) => a.startedAtMs - b.startedAtMs || (a.service < b.service ? -1 : 1),
  );
  const [first] = byTime;
  if (first === undefined || byTime.length < 2)
    return { order: byTime.map(({ service }) => service), why: '' };
  const origin = upstreamOf(first, byTime);
  const order = [origin, ...byTime.filter((one) => one !== origin)];
  return { order: order.map(({ service }) => service), why: reason(order) };
}

/** From the first in time, upstream as far as shared traces lead; a service that failed long after it is no origin. */
function upstreamOf(first: Failing, services: readonly Failing[]): Failing {
  const together = services.filter(({ startedAtMs }) => startedAtMs - first.startedAtMs <= TOGETHER_MS);
  let origin = first;
  for (const _ of together) {
    const before = together.find(
      (one) => one !== origin && sharedTraces(one, origin).length > sharedTraces(origin, one).length,
    );
    if (before === undefined) break;
    origin = before;
  }
  return origin;
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

function reason(order: readonly Failing[]): string {
  const [first, second] = order as [Failing, Failing];
  const shared = new Set(order.slice(1).flatMap((one) => sharedTraces(first, one)));
  const traces = shared.size > 0 ? `first in ${shared.size} shared trace${shared.size === 1 ? '' : 's'}` : '';
  const aheadMs = second.startedAtMs - first.startedAtMs;
  const time = aheadMs > 0 ? `${Math.round(aheadMs / 1000)} s before ${second.service}` : '';
  return [time, traces].filter((part) => part !== '').join(', ') || 'began with the others';
}

/** Traces in which the error of `a` came before that of `b`. */
const sharedTraces = (a: Failing, b: Failing): readonly string[] => {
  const times = new Map(b.traces.map(({ id, atMs }) => [id, atMs]));
  return a.traces.flatMap(({ id, atMs }) => {
    const other = times.get(id);
    return atMs !== null && other != null && atMs < other ? [id] : [];
  });
};

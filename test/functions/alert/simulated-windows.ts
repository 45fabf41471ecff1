/**
 * Windows of many services, with incidents of known truth, as the window stage would emit them: drawn from the
 * distributions that the demo's generator draws lines from, with its services, incidents and effects, but as counts a
 * window, because a day of 200 services has 1.7 million of them. Pure for a seed.
 */
import type { ServiceStats } from '../../../functions/service-stats.ts';
import { createGenerator } from '../../../local/generator/generator.ts';
import { effectOf, firstSignMs, type Incident } from '../../../local/generator/incident.ts';
import type { Service } from '../../../local/generator/services.ts';
import { createRandom, type Random } from '../../../models/graph/random.ts';

export const WINDOW_MS = 10_000;

export interface World {
  readonly services: readonly Service[];
  readonly incidents: readonly Truth[];
  /** The next window: what each service that spoke said. */
  next(): { readonly startMs: number; readonly services: ReadonlyMap<string, ServiceStats> };
}

export interface Truth {
  readonly kind: Incident['kind'];
  readonly services: readonly string[];
  readonly firstSignMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** The first entry that it made bad, as far as windows are drawn; null: none yet. */
  firstBadMs: number | null;
}

export interface WorldOptions {
  readonly seed: number;
  readonly services: number;
  readonly startMs: number;
  readonly durationMs: number;
  /** One incident, at most, in each stretch of this length. */
  readonly incidentEveryMs: number;
}

interface Nature {
  readonly service: Service;
  /** Entries a window at the mean of the day. */
  readonly entries: number;
  readonly errorRate: number;
  readonly warnRate: number;
  readonly latencyMs: number;
  /** Spread of the mean latency of a window beyond what its entries give. */
  readonly unrest: number;
  readonly phase: number;
  drift: number;
}

/** Parts of a window in which the effect of an incident is taken as steady. */
const PARTS = 10;
const SPREAD = 0.6;

export function createWorld(options: WorldOptions): World {
  const { seed, startMs, durationMs } = options;
  const generator = createGenerator({
    seed,
    rate: 100,
    services: options.services,
    startMs,
    incidentEveryMs: options.incidentEveryMs,
  });
  const random = createRandom(seed);
  const natures = generator.services.map((service): Nature => natureOf(service, random));
  const found = generator
    .incidents(startMs, startMs + durationMs)
    .filter((one) => firstSignMs(one) >= startMs);
  const incidents = found.map((incident) => ({ incident, truth: truthOf(incident) }));
  let atMs = startMs;
  return {
    services: generator.services,
    incidents: incidents.map(({ truth }) => truth),
    next() {
      const windowMs = atMs;
      atMs += WINDOW_MS;
      const near = incidents.filter(({ truth }) => truth.firstSignMs < atMs && truth.endMs > windowMs);
      const services = new Map<string, ServiceStats>();
      for (const nature of natures) {
        const of = near.filter(({ incident }) => incident.affected.includes(nature.service));
        const stats = drawn(nature, windowMs, of, random);
        if (stats !== null) services.set(nature.service.name, stats);
      }
      return { startMs: windowMs, services };
    },
  };
}

const truthOf = (incident: Incident): Truth => ({
  kind: incident.kind,
  services: incident.affected.map(({ name }) => name),
  firstSignMs: firstSignMs(incident),
  startMs: incident.startMs,
  endMs: incident.endMs,
  firstBadMs: null,
});

const natureOf = (service: Service, random: Random): Nature => ({
  service,
  entries: 20 * 20 ** random.next(),
  errorRate: 0.005 * 16 ** random.next(),
  warnRate: 0.02 + 0.15 * random.next(),
  latencyMs: 20 * 10 ** random.next(),
  unrest: 0.03 + 0.05 * random.next(),
  phase: random.next() * 2 * Math.PI,
  drift: 0,
});

interface Near {
  readonly incident: Incident;
  readonly truth: Truth;
}

/** One window of one service; null: it said nothing. */
function drawn(nature: Nature, startMs: number, near: readonly Near[], random: Random): ServiceStats | null {
  const day = 1 + 0.3 * Math.sin((2 * Math.PI * startMs) / 86_400_000 + nature.phase);
  nature.drift = 0.95 * nature.drift + 0.31 * nature.unrest * random.normal();
  const sums = { entries: 0, errors: 0, warnings: 0, criticals: 0, novel: 0, latency: 0, tail: 0 };
  const parts = near.length === 0 ? 1 : PARTS;
  for (let part = 0; part < parts; part++) {
    const atMs = startMs + ((part + 0.5) * WINDOW_MS) / parts;
    const effects = near.flatMap(({ incident, truth }) => {
      const effect = effectOf(incident, incident.affected.indexOf(nature.service), atMs);
      return effect === null ? [] : [{ effect, truth }];
    });
    const entries = effects.some(({ effect }) => effect.silent)
      ? 0
      : poisson((nature.entries * day) / parts, random);
    const error = Math.max(nature.errorRate, ...effects.map(({ effect }) => effect.error));
    const errors = binomial(entries, Math.min(1, error), random);
    const novel = binomial(entries, Math.max(0, ...effects.map(({ effect }) => effect.novel)), random);
    const slow = effects.reduce((factor, { effect }) => Math.max(factor, effect.latency), 1);
    sums.entries += entries;
    sums.errors += errors + novel;
    sums.novel += novel;
    sums.criticals += binomial(
      errors,
      Math.max(0.05, ...effects.map(({ effect }) => effect.critical)),
      random,
    );
    sums.warnings += binomial(
      entries,
      Math.max(nature.warnRate, ...effects.map(({ effect }) => effect.warn)),
      random,
    );
    sums.latency += entries * nature.latencyMs * slow;
    for (const { effect, truth } of effects) {
      const bad =
        effect.silent ||
        (effect.error > nature.errorRate && errors > 0) ||
        novel > 0 ||
        (effect.latency > 3 && entries > 0);
      if (bad) truth.firstBadMs ??= startMs + (part * WINDOW_MS) / parts;
    }
  }
  return sums.entries === 0 ? null : statsOf(nature, startMs, sums, random);
}

function statsOf(
  { service, drift }: Nature,
  startMs: number,
  sums: {
    entries: number;
    errors: number;
    warnings: number;
    criticals: number;
    novel: number;
    latency: number;
  },
  random: Random,
): ServiceStats {
  const { entries, errors, warnings, criticals, novel } = sums;
  // The mean of many lognormal latencies is nearly normal; a service has hours of its own besides.
  const chance = 1 + drift + (SPREAD / Math.sqrt(entries)) * random.normal();
  const mean = Math.max(0.1, (sums.latency / entries) * Math.max(0.2, chance));
  const failures = errors - novel;
  const known = `${service.name}-error-${Math.floor(4 * random.next())}`;
  const errorPatterns: [string, number][] = failures > 0 ? [[known, failures]] : [];
  if (novel > 0) errorPatterns.push([`${service.name}-novel`, novel]);
  const severities = new Array<number>(9).fill(0);
  severities[2] = Math.max(0, entries - errors - warnings);
  severities[4] = warnings;
  severities[5] = Math.max(0, errors - criticals);
  severities[6] = criticals;
  return {
    entries,
    errors,
    severities,
    http: [0, entries - errors, 0, 0, failures],
    anomalies: errors,
    maxAnomalyScore: errors > 0 ? 60 : 0,
    latency: {
      count: entries,
      mean,
      variance: (mean * SPREAD) ** 2,
      min: mean / 4,
      p50: mean * 0.84,
      p90: mean * 1.8,
      p95: mean * 2.2,
      p99: mean * (3.2 + 0.2 * random.normal()),
      max: mean * 5,
    },
    distinctUsers: Math.ceil(entries * 0.7),
    topPatterns: [[`${service.name}-info`, entries - errors]],
    errorPatterns,
    samples:
      errors === 0
        ? []
        : [
            {
              score: 60,
              timestamp: startMs * 1000,
              insertId: '',
              severity: 500,
              patternId: known,
              traceId: '',
              message: `${known} happened`,
            },
          ],
  };
}

function poisson(mean: number, random: Random): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count++;
  return count;
}

function binomial(n: number, p: number, random: Random): number {
  if (n === 0 || p <= 0) return 0;
  const variance = n * p * (1 - p);
  if (variance > 20)
    return Math.min(n, Math.max(0, Math.round(n * p + Math.sqrt(variance) * random.normal())));
  if (n * p < 10) return Math.min(n, poisson(n * p, random));
  let count = 0;
  for (let i = 0; i < n; i++) if (random.next() < p) count++;
  return count;
}

/**
 * The scenarios that models learn from and are measured on. Training, validation and test have other seeds, other
 * services and other days; no timeline is on two sides.
 */
import { INCIDENT_KINDS } from '../../local/generator/incident.ts';
import type { IncidentRequest } from '../../local/generator/schedule.ts';
import type { Kind } from '../../local/generator/vocabulary.ts';
import { createRandom } from '../graph/random.ts';
import type { Scenario } from './simulation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const FIRST_DAY_MS = Date.UTC(2026, 8, 1);

type Services = Scenario['services'];

const named = (...pairs: readonly (readonly [string, Kind])[]): Services =>
  pairs.map(([name, kind]) => ({ name, kind }));

const SHOP = named(
  ['edge', 'api-gateway'],
  ['login', 'auth'],
  ['billing', 'payment'],
  ['stock', 'inventory'],
  ['profile', 'user'],
);

const MARKET = named(
  ['front-door', 'api-gateway'],
  ['identity', 'auth'],
  ['checkout', 'payment'],
  ['catalog', 'inventory'],
  ['warehouse', 'inventory'],
  ['members', 'user'],
);

const MIXES = [
  { info: 70, warn: 15, error: 10, debug: 4, critical: 1 },
  { info: 85, warn: 9, error: 4, debug: 2, critical: 0.2 },
  { info: 60, warn: 20, error: 14, debug: 5, critical: 1.5 },
];

/**
 * A day's scenario: an incident every few minutes, each kind in turn, more than any real day has. Not more than this:
 * where a service is in trouble for a third of its time, trouble is what is usual for it.
 */
function busy(seed: number, services: Services, rate: number, hours: number): Scenario {
  const random = createRandom(seed);
  const startMs = FIRST_DAY_MS + seed * DAY_MS + random.below(20) * HOUR_MS;
  const incidents: IncidentRequest[] = [];
  const gapMs = (typeof services === 'number' && services > 5 ? 5 : 8) * MINUTE_MS;
  for (let atMs = startMs + 22 * MINUTE_MS; atMs < startMs + hours * HOUR_MS - 10 * MINUTE_MS; )
    for (const kind of INCIDENT_KINDS) {
      incidents.push({ kind, atMs: atMs + random.below(MINUTE_MS) });
      atMs += gapMs;
    }
  return {
    seed,
    rate,
    services,
    startMs,
    durationMs: hours * HOUR_MS,
    incidentEveryMs: 0,
    incidents,
    mix: MIXES[seed % MIXES.length]!,
  };
}

/** A day as the generator has it by itself: at most one incident in a quarter of an hour. */
function usual(seed: number, services: Services, rate: number, hours: number): Scenario {
  const startMs = FIRST_DAY_MS + seed * DAY_MS + (seed % 20) * HOUR_MS;
  return { seed, rate, services, startMs, durationMs: hours * HOUR_MS, incidentEveryMs: 15 * MINUTE_MS };
}

export interface Scenarios {
  readonly train: readonly Scenario[];
  readonly validation: readonly Scenario[];
  readonly test: readonly Scenario[];
}

/** The scenarios of a training run; other seeds give other logs. `scale` shortens all, for a trial. */
export const scenariosOf = (seed: number, scale = 1): Scenarios => ({
  train: [
    busy(seed + 1, 5, 40, 4 * scale),
    busy(seed + 2, 5, 70, 3 * scale),
    busy(seed + 3, 10, 80, 3 * scale),
    usual(seed + 4, 5, 30, 4 * scale),
    busy(seed + 5, 5, 20, 4 * scale),
    busy(seed + 6, 7, 60, 3 * scale),
    usual(seed + 7, 10, 60, 3 * scale),
    busy(seed + 8, 5, 15, 5 * scale),
  ],
  validation: [
    busy(seed + 51, SHOP, 40, 3 * scale),
    usual(seed + 52, SHOP, 50, 4 * scale),
    usual(seed + 53, 7, 40, 3 * scale),
  ],
  test: [
    usual(seed + 81, MARKET, 60, 4 * scale),
    usual(seed + 82, 7, 80, 3 * scale),
    usual(seed + 83, MARKET, 25, 4 * scale),
    usual(seed + 84, 5, 40, 4 * scale),
  ],
});

/** Ordinary days of services that no training has, for measuring models that are there already. */
export const evaluationScenarios = (seed: number, scale = 1): readonly Scenario[] => [
  usual(500_000 + 2 * seed, MARKET, 50, 4 * scale),
  usual(500_001 + 2 * seed, 8, 60, 4 * scale),
];

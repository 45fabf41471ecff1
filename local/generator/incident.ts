/**
 * Incidents with known truth: what breaks, where, when its first sign shows, and how the lines of each service it
 * touches change meanwhile.
 *
 *     error_burst         a service fails most of its requests, at once, for some minutes
 *     latency_creep       a service becomes slower and slower; first sign: the start of the creep
 *     cascading_failure   warnings and rising latency of one service for minutes, then it fails, and one after the
 *                         other those that call it
 *     silent_service      a service says nothing
 *     new_error_pattern   a few lines of a service are an error that it never had
 */
import type { Random } from './random.ts';
import type { Service } from './services.ts';
import type { Category } from './texts/text.ts';
import type { Kind } from './vocabulary.ts';

export const INCIDENT_KINDS = [
  'error_burst',
  'latency_creep',
  'cascading_failure',
  'silent_service',
  'new_error_pattern',
] as const;

export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export interface Incident {
  /** The same for the same seed, kind, service and time. */
  readonly id: string;
  readonly kind: IncidentKind;
  /** Whom it touches, in the order in which it reaches them; the first is where it starts. */
  readonly affected: readonly Service[];
  /** When it reaches each of them. */
  readonly reachMs: readonly number[];
  /** First sign before the failure; null: there is none. */
  readonly precursorMs: number | null;
  readonly startMs: number;
  /** When all is well again. */
  readonly endMs: number;
  /** What its errors are about. */
  readonly category: Category;
  /** 0 to 1, within what its kind allows. */
  readonly strength: number;
  /** Which of the novel templates it brings; −1: none. */
  readonly novel: number;
}

/** How the lines of a service change: shares of its requests, and a factor on its latency. */
export interface Effect {
  readonly incident: Incident;
  readonly silent: boolean;
  readonly novel: number;
  readonly error: number;
  /** Of the errors, how many are critical. */
  readonly critical: number;
  readonly warn: number;
  readonly latency: number;
  readonly category: Category;
}

/** When the first line may tell of it. */
export const firstSignMs = (incident: Incident): number => incident.precursorMs ?? incident.startMs;

/** What the incident does to the service at this place of `affected` at this time; null: nothing. */
export function effectOf(incident: Incident, place: number, atMs: number): Effect | null {
  if (atMs < firstSignMs(incident) || atMs >= incident.endMs) return null;
  const change = CHANGES[incident.kind](incident, place, atMs);
  if (change === null) return null;
  return {
    incident,
    silent: false,
    novel: 0,
    error: 0,
    critical: 0.05,
    warn: 0,
    latency: 1,
    category: incident.category,
    ...change,
  };
}

type Change = (incident: Incident, place: number, atMs: number) => Partial<Effect> | null;

const CHANGES: Readonly<Record<IncidentKind, Change>> = {
  error_burst: ({ strength }) => ({ error: 0.6 + 0.3 * strength, latency: 1.3 }),

  latency_creep(incident, _, atMs) {
    const way = progress(firstSignMs(incident), incident.endMs, atMs);
    // Exponential, from 1 to between 9 and 27.
    const latency = (9 + 18 * incident.strength) ** way;
    return {
      latency,
      warn: latency < 3 ? 0.1 * way : 0.4,
      error: latency < 6 ? 0 : 0.1,
      category: 'timeout',
    };
  },

  cascading_failure(incident, place, atMs) {
    if (atMs < incident.reachMs[place]!) return place === 0 ? warning(incident, atMs) : null;
    const strength = place === 0 ? 0.65 + 0.25 * incident.strength : 0.5 + 0.2 * incident.strength;
    const category = place === 0 ? incident.category : 'dependency';
    return { error: strength, critical: 0.12, warn: 0.1, latency: 3, category };
  },

  silent_service: () => ({ silent: true }),

  new_error_pattern: ({ strength }) => ({ novel: 0.05 + 0.07 * strength }),
};

/** The first signs of a cascade: more warnings, slower answers, single errors, all growing. */
function warning(incident: Incident, atMs: number): Partial<Effect> {
  const way = progress(firstSignMs(incident), incident.startMs, atMs);
  return { warn: 0.12 + 0.3 * way, latency: 1.2 + 1.8 * way, error: 0.06 * way, critical: 0 };
}

const progress = (fromMs: number, toMs: number, atMs: number): number => (atMs - fromMs) / (toMs - fromMs);

/** How far a creep is when its factor reaches 3: that is when the failure starts. */
export const creepStart = (strength: number): number => Math.log(3) / Math.log(9 + 18 * strength);

const CAUSES: Readonly<Record<Kind, readonly Category[]>> = {
  'api-gateway': ['network', 'timeout', 'resource_exhaustion', 'code_error', 'security'],
  auth: ['authentication', 'database', 'timeout', 'dependency', 'security'],
  payment: ['database', 'dependency', 'timeout', 'network', 'code_error'],
  inventory: ['database', 'resource_exhaustion', 'code_error', 'dependency', 'timeout'],
  user: ['database', 'network', 'code_error', 'resource_exhaustion', 'dependency'],
};

/** What may break in a kind of service. */
export const causeOf = (kind: Kind, random: Random): Category => random.pick(CAUSES[kind]);

const CALLERS: Readonly<Record<Kind, readonly Kind[]>> = {
  'api-gateway': [],
  auth: ['user', 'payment', 'api-gateway'],
  payment: ['inventory', 'api-gateway'],
  inventory: ['api-gateway'],
  user: ['api-gateway'],
};

/** Whom a cascade reaches from a service: its callers, the gateway last. */
export const callersOf = (kind: Kind): readonly Kind[] => CALLERS[kind];

/**
 * When incidents happen: by the seed, at most one in each stretch of time (15 minutes unless set otherwise), whole
 * within it, with quiet before and after; and those that were asked for. What happens in a stretch depends on the
 * seed and on which stretch it is, not on when the generator was started.
 */
import {
  callersOf,
  causeOf,
  creepStart,
  firstSignMs,
  INCIDENT_KINDS,
  type Incident,
  type IncidentKind,
} from './incident.ts';
import { Random } from './random.ts';
import type { Service } from './services.ts';
import { NOVEL } from './templates.ts';

/** An incident that is asked for; what is left out is drawn. */
export interface IncidentRequest {
  readonly kind: IncidentKind;
  /** Name of the service where it starts. */
  readonly service?: string;
  /** When its first sign shows, ms since the epoch. */
  readonly atMs: number;
  /** From the failure's start to its end. */
  readonly durationMs?: number;
  /** From the first sign to the failure's start, where the kind has one. */
  readonly precursorMs?: number;
  /** 0 to 1. */
  readonly strength?: number;
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly services: readonly Service[];
  /** Length of the stretches of the random incidents; 0: there are none. */
  readonly everyMs: number;
}

const MINUTE_MS = 60_000;
/** Incidents last as long as told below in stretches of this length, and shorter in shorter ones. */
const USUAL_STRETCH_MS = 15 * MINUTE_MS;
const QUIET_MS = 30_000;
/** Of the stretches, how many have an incident. */
const SHARE = 0.85;
/** Between the services that a cascade reaches, in ms. */
const STEP_MS = [20_000, 45_000] as const;

/** Shortest and longest, in ms: the failure, and before it the precursor. */
const LENGTHS: Readonly<Record<IncidentKind, readonly [number, number, number, number]>> = {
  error_burst: [60_000, 180_000, 0, 0],
  latency_creep: [120_000, 240_000, 90_000, 150_000],
  cascading_failure: [150_000, 270_000, 180_000, 300_000],
  silent_service: [90_000, 180_000, 0, 0],
  new_error_pattern: [120_000, 240_000, 0, 0],
};

export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #asked: Incident[] = [];
  readonly #drawn = new Map<number, Incident | null>();

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  /** Adds an incident. Throws RangeError for a service that is not there. */
  add(request: IncidentRequest): Incident {
    const { seed, services } = this.#options;
    const { kind, atMs } = request;
    const random = new Random().seed(seed, atMs, INCIDENT_KINDS.indexOf(kind) + 1);
    const drawn = drawService(kind, services, random);
    const root =
      request.service === undefined ? drawn : services.find(({ name }) => name === request.service);
    if (root === undefined) {
      throw new RangeError(
        `incident.service="${request.service}" is no service; allowed: ${services.map(({ name }) => name).join(', ')}`,
      );
    }
    const incident = draw(request, root, this.#options, 1, random);
    this.#asked.push(incident);
    return incident;
  }

  /** Incidents that show between these times, by their first sign. */
  between(fromMs: number, toMs: number): Incident[] {
    const found = this.#asked.filter((one) => firstSignMs(one) < toMs && one.endMs > fromMs);
    const { everyMs } = this.#options;
    if (everyMs > 0) {
      for (let i = Math.floor(fromMs / everyMs); i * everyMs < toMs; i++) {
        const incident = this.#inStretch(i);
        if (incident && firstSignMs(incident) < toMs && incident.endMs > fromMs) found.push(incident);
      }
    }
    return found.sort((a, b) => firstSignMs(a) - firstSignMs(b));
  }

  #inStretch(index: number): Incident | null {
    const known = this.#drawn.get(index);
    if (known !== undefined) return known;
    const incident = this.#drawStretch(index);
    // A generator that runs for weeks asks for the present only.
    if (this.#drawn.size > 1000) this.#drawn.clear();
    this.#drawn.set(index, incident);
    return incident;
  }

  #drawStretch(index: number): Incident | null {
    const { seed, services, everyMs } = this.#options;
    const random = new Random().seed(seed, index, 0x1c1d);
    if (random.unit() >= SHARE) return null;
    const kind = kindInTurn(seed, index);
    const root = drawService(kind, services, random);
    const scale = Math.min(1, everyMs / USUAL_STRETCH_MS);
    const trial = draw({ kind, atMs: 0 }, root, this.#options, scale, random);
    const quietMs = QUIET_MS * scale;
    const roomMs = Math.max(0, everyMs - trial.endMs - 2 * quietMs);
    return moved(trial, Math.floor(index * everyMs + quietMs + random.unit() * roomMs), seed);
  }
}

/** Each kind once in five stretches, in an order that the seed shuffles. */
function kindInTurn(seed: number, index: number): IncidentKind {
  const count = INCIDENT_KINDS.length;
  const round = Math.floor(index / count);
  const random = new Random().seed(seed, round, 0x5eed);
  const order = [...INCIDENT_KINDS];
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order[index - round * count]!;
}

/** A cascade starts behind the gateway, where there is anything. */
function drawService(kind: IncidentKind, services: readonly Service[], random: Random): Service {
  const behind = services.filter((one) => one.kind !== 'api-gateway');
  return random.pick(kind === 'cascading_failure' && behind.length > 0 ? behind : services);
}

function draw(
  request: IncidentRequest,
  root: Service,
  { seed, services }: ScheduleOptions,
  scale: number,
  random: Random,
): Incident {
  const { kind, atMs } = request;
  const [minMs, maxMs, minBeforeMs, maxBeforeMs] = LENGTHS[kind];
  const strength = request.strength ?? random.unit();
  const beforeMs = request.precursorMs ?? random.between(minBeforeMs, maxBeforeMs) * scale;
  const lastMs = request.durationMs ?? random.between(minMs, maxMs) * scale;
  const hasPrecursor = maxBeforeMs > 0 && beforeMs > 0;
  const endMs = Math.floor(atMs + lastMs + (hasPrecursor ? beforeMs : 0));
  const startMs = Math.floor(
    !hasPrecursor
      ? atMs
      : kind === 'latency_creep'
        ? atMs + (endMs - atMs) * creepStart(strength)
        : atMs + beforeMs,
  );
  const affected = kind === 'cascading_failure' ? cascade(root, services) : [root];
  const stepMs = Math.min(random.between(...STEP_MS) * scale, (endMs - startMs) / (affected.length + 1));
  const incident: Incident = {
    id: '',
    kind,
    affected,
    reachMs: affected.map((_, place) => Math.floor(startMs + place * stepMs)),
    precursorMs: hasPrecursor ? atMs : null,
    startMs,
    endMs,
    category: kind === 'latency_creep' ? 'timeout' : causeOf(root.kind, random),
    strength,
    novel: kind === 'new_error_pattern' ? random.pick(NOVEL).index : -1,
  };
  return { ...incident, id: idOf(incident, seed) };
}

/** The root, then its callers of the same group. */
function cascade(root: Service, services: readonly Service[]): Service[] {
  const same = (kind: Service['kind']): Service[] => services.filter((one) => one.kind === kind);
  const group = same(root.kind).indexOf(root);
  const callers = callersOf(root.kind).flatMap((kind) => {
    const all = same(kind);
    return all.length === 0 ? [] : [all[group % all.length]!];
  });
  return [root, ...callers];
}

function moved(incident: Incident, byMs: number, seed: number): Incident {
  const there = {
    ...incident,
    reachMs: incident.reachMs.map((ms) => ms + byMs),
    precursorMs: incident.precursorMs === null ? null : incident.precursorMs + byMs,
    startMs: incident.startMs + byMs,
    endMs: incident.endMs + byMs,
  };
  return { ...there, id: idOf(there, seed) };
}

const idOf = ({ kind, affected, startMs }: Incident, seed: number): string =>
  `${seed}-${new Date(startMs).toISOString()}-${affected[0]!.name}-${kind}`;

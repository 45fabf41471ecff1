/**
 * Training data for the window models: the generator's logs, read by the project's own parser and counted by the
 * project's own aggregate, as rows of `service_windows` with the truth beside them. Pure for a scenario.
 */
import { isFailure } from '../../functions/ingest/failure.ts';
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { CRITICAL, ERROR, WARNING } from '../../functions/parse/severity.ts';
import { type ServiceAccumulator, serviceStats } from '../../functions/service-stats.ts';
import { createGenerator, type Mix } from '../../local/generator/generator.ts';
import { firstSignMs, type Incident } from '../../local/generator/incident.ts';
import type { IncidentRequest } from '../../local/generator/schedule.ts';
import { ROUTES, type Service } from '../../local/generator/services.ts';
import type { Kind } from '../../local/generator/vocabulary.ts';
import { emptyWindow, KNOWN_SERVICE_MS, NEW_PATTERN_MS, type ServiceWindow } from '../features.ts';

export const WINDOW_MS = 10_000;

export interface Scenario {
  readonly seed: number;
  /** Lines per second, of all services. */
  readonly rate: number;
  readonly services: number | readonly { readonly name: string; readonly kind: Kind }[];
  readonly startMs: number;
  readonly durationMs: number;
  /** One random incident at most in each stretch of this length. */
  readonly incidentEveryMs: number;
  readonly incidents?: readonly IncidentRequest[];
  readonly mix?: Mix;
}

/** What an incident is for one of the services that it touches. */
export interface Trouble {
  readonly id: string;
  readonly kind: Incident['kind'];
  /** When this service's own lines first tell of it. */
  readonly signMs: number;
  /** When it fails. */
  readonly startMs: number;
  readonly endMs: number;
  /** Whether signs come before the failure. */
  readonly announced: boolean;
}

/** One service of a scenario: its windows without a gap, and what happened to it. */
export interface Timeline {
  readonly service: string;
  readonly windows: readonly ServiceWindow[];
  readonly troubles: readonly Trouble[];
}

const parser = { maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000, redactor: null };

/** Lines of a window of a scenario, read. */
export interface PlayedWindow {
  readonly startMs: number;
  /** In the order in which they were written. */
  readonly entries: readonly { readonly service: string; readonly entry: LogEntry }[];
}

export interface Play {
  readonly services: readonly string[];
  /** Window after window, until the scenario ends. */
  readonly windows: () => Generator<PlayedWindow>;
  /** What happened to a service. */
  readonly troublesOf: (service: string) => Trouble[];
  /** When an incident of others showed in its answers: it waits for them, or they reach it later. */
  readonly echoesOf: (service: string) => Echo[];
}

/** From an incident's first sign anywhere to its end. */
export interface Echo {
  readonly fromMs: number;
  readonly endMs: number;
}

/** Plays the logs of a scenario through the parser. Throws an Error for a line that it refuses. */
export function playScenario(scenario: Scenario): Play {
  const { startMs: fromMs, durationMs } = scenario;
  const generator = createGenerator(scenario);
  const parse = createParser(parser);
  function* windows(): Generator<PlayedWindow> {
    for (let startMs = fromMs; startMs < fromMs + durationMs; startMs += WINDOW_MS) {
      const context = { batchId: '', receivedAtUs: startMs * 1000, attributes: {}, latin1: false };
      const entries = generator.next(startMs, startMs + WINDOW_MS).map(({ line, service }, index) => {
        const entry = parse(line, { ...context, index });
        if (isFailure(entry)) throw new Error(`the parser refuses a generated line: ${entry.detail}`);
        return { service: service.name, entry };
      });
      yield { startMs, entries };
    }
  }
  const incidents = (): Incident[] => generator.incidents(fromMs, fromMs + durationMs);
  return {
    services: generator.services.map(({ name }) => name),
    windows,
    troublesOf: (service) => incidents().flatMap((incident) => troubleOf(incident, service)),
    echoesOf: (service) =>
      incidents()
        .filter(({ affected }) =>
          affected.some(({ name }) => name === service || waitsFor(service, name, generator.services)),
        )
        .map((incident) => ({ fromMs: firstSignMs(incident), endMs: incident.endMs })),
  };
}

export function simulate(scenario: Scenario): Timeline[] {
  const { services, windows, troublesOf } = playScenario(scenario);
  const counters = new Map(services.map((name) => [name, new Counter(scenario.startMs)]));
  const rows = new Map(services.map((name) => [name, [] as ServiceWindow[]]));
  for (const { startMs, entries } of windows()) {
    for (const { service, entry } of entries) counters.get(service)!.add(entry);
    for (const [name, counter] of counters) rows.get(name)!.push(counter.close(startMs));
  }
  return services.map((service) => ({
    service,
    windows: rows.get(service)!,
    troubles: troublesOf(service),
  }));
}

function troubleOf(incident: Incident, service: string): Trouble[] {
  const place = incident.affected.findIndex(({ name }) => name === service);
  if (place < 0) return [];
  const announced = place === 0 && incident.precursorMs !== null;
  const startMs = incident.reachMs[place]!;
  const { id, kind, endMs } = incident;
  return [{ id, kind, signMs: announced ? firstSignMs(incident) : startMs, startMs, endMs, announced }];
}

/** Whether requests pass the service on their way to the other, so that its answers last as long as the other's. */
function waitsFor(service: string, other: string, services: readonly Service[]): boolean {
  const [one, two] = [service, other].map((wanted) => services.find(({ name }) => name === wanted));
  if (one === undefined || two === undefined) return false;
  const isBefore = ({ chain }: (typeof ROUTES)[number]): boolean =>
    chain.includes(two.kind) &&
    chain.indexOf(one.kind) >= 0 &&
    chain.indexOf(one.kind) < chain.indexOf(two.kind);
  // A request goes to the n-th of each kind, counted around.
  const sameOf = (kind: Kind): Service[] => services.filter((any) => any.kind === kind);
  const [ones, twos] = [sameOf(one.kind), sameOf(two.kind)];
  const groups = Array.from({ length: ones.length * twos.length }, (_, group) => group);
  const meet = groups.some((group) => ones[group % ones.length] === one && twos[group % twos.length] === two);
  return meet && ROUTES.some(isBefore);
}

/** Counts one service's entries; knows when it first showed which pattern. */
class Counter {
  readonly #startMs: number;
  readonly #firstMs = new Map<string, number>();
  #stats: ServiceAccumulator = serviceStats.create();
  #newErrors = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  add(entry: LogEntry): void {
    serviceStats.add(this.#stats, entry);
    if (entry.severity < ERROR || entry.pattern_id === null) return;
    const atMs = entry.timestamp / 1000;
    const known = atMs - this.#startMs < KNOWN_SERVICE_MS;
    const firstMs = this.#firstMs.get(entry.pattern_id) ?? (known ? Number.NEGATIVE_INFINITY : atMs);
    this.#firstMs.set(entry.pattern_id, firstMs);
    if (atMs - firstMs < NEW_PATTERN_MS) this.#newErrors++;
  }

  close(startMs: number): ServiceWindow {
    const { entries, errors, severities, http, latency, distinctUsers } = serviceStats.result(this.#stats);
    const newErrors = this.#newErrors;
    this.#stats = serviceStats.create();
    this.#newErrors = 0;
    return {
      ...emptyWindow(startMs),
      entries,
      errors,
      warning_count: severities[WARNING / 100]!,
      critical_count: severities.slice(CRITICAL / 100).reduce((sum, count) => sum + count, 0),
      http_4xx: http[3]!,
      http_5xx: http[4]!,
      latency_mean_ms: latency.mean,
      latency_p50_ms: latency.p50,
      latency_p99_ms: latency.p99,
      distinct_users: distinctUsers,
      new_pattern_errors: newErrors,
    };
  }
}

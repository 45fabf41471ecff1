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

export function simulate(scenario: Scenario): Timeline[] {
  const { seed, rate, services, startMs, durationMs, incidentEveryMs, incidents, mix } = scenario;
  const generator = createGenerator({
    seed,
    rate,
    services,
    startMs,
    incidentEveryMs,
    ...(incidents && { incidents }),
    ...(mix && { mix }),
  });
  const counters = new Map(generator.services.map(({ name }) => [name, new Counter(startMs)]));
  const parse = createParser(parser);
  const windows = new Map(generator.services.map(({ name }) => [name, [] as ServiceWindow[]]));
  for (let atMs = startMs; atMs < startMs + durationMs; atMs += WINDOW_MS) {
    for (const { line, service } of generator.next(atMs, atMs + WINDOW_MS)) {
      const context = { batchId: '', index: 0, receivedAtUs: atMs * 1000, attributes: {}, latin1: false };
      const entry = parse(line, context);
      if (isFailure(entry)) throw new Error(`the parser refuses a generated line: ${entry.detail}`);
      counters.get(service.name)!.add(entry);
    }
    for (const [name, counter] of counters) windows.get(name)!.push(counter.close(atMs));
  }
  const happened = generator.incidents(startMs, startMs + durationMs);
  return generator.services.map(({ name }) => ({
    service: name,
    windows: windows.get(name)!,
    troubles: happened.flatMap((incident) => troubleOf(incident, name)),
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

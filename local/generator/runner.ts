/**
 * The generator by the clock: every tick what has happened since the last one goes out in batches.
 * Guarantee: each line is published once, at least; a tick that comes late is made up for, up to `maxBehindMs`, and
 * what is further behind is passed over and counted.
 * Under pressure: waits while many messages are on their way, and so falls behind rather than fill the memory.
 */
import type { LogFields } from '../../functions/log.ts';
import { pause } from '../ship/pause.ts';
import type { Publisher } from '../ship/publisher.ts';
import type { Timers } from '../timers.ts';
import { fluentdBatch } from './fluentd-batch.ts';
import { createGenerator, type Generator, type GeneratorOptions } from './generator.ts';
import type { Incident } from './incident.ts';
import type { AskedIncident, RunnerOptions } from './options.ts';
import type { IncidentRequest } from './schedule.ts';

export interface RunnerEffects {
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Told every tick of the incidents that show by now. */
  readonly tell: (incidents: readonly Incident[]) => void;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** A batch that could not be published. */
  readonly failed: (error: unknown) => void;
}

const FAST_RATE = 5000;
/** Messages on their way at once, at most. */
const MAX_SENDING = 32;

export class Runner {
  readonly #options: RunnerOptions;
  readonly #effects: RunnerEffects;
  readonly #startMs: number;
  readonly #generator: Generator;
  #rate: number;
  /** Up to where lines are made. */
  #atMs: number;
  #counts = { lines: 0, messages: 0, bytes: 0, failed_lines: 0, skipped_ms: 0 };
  readonly #sending = new Set<Promise<void>>();

  constructor(options: RunnerOptions, effects: RunnerEffects) {
    this.#options = options;
    this.#effects = effects;
    this.#rate = options.rate;
    this.#startMs = effects.timers.now();
    this.#atMs = this.#startMs;
    this.#generator = createGenerator(generatorOptions(options, this.#startMs));
    for (const incident of options.incidents) this.#generator.add(dated(incident, this.#startMs));
    this.#addFirst();
  }

  /** Publishes until the signal aborts and what was made is published. */
  async run(): Promise<void> {
    const { timers, signal } = this.#effects;
    while (!signal.aborted) {
      await this.tick();
      const { tickMs = this.#rate > FAST_RATE ? 250 : 1000 } = this.#options;
      await pause(timers, this.#atMs + tickMs - timers.now(), signal);
    }
    await Promise.all(this.#sending);
  }

  /** Makes and publishes what has happened since the last tick. */
  async tick(): Promise<void> {
    const nowMs = this.#effects.timers.now();
    const { maxBehindMs, batchLines } = this.#options;
    const behindMs = nowMs - this.#atMs - maxBehindMs;
    if (behindMs > 0) {
      this.#counts.skipped_ms += behindMs;
      this.#atMs += behindMs;
    }
    const fromMs = this.#atMs;
    this.#atMs = nowMs;
    this.#effects.tell(this.#generator.incidents(fromMs, nowMs));
    const lines = this.#generator.next(fromMs, nowMs).map(({ line }) => line);
    for (let i = 0; i < lines.length; i += batchLines) {
      while (this.#sending.size >= MAX_SENDING) await Promise.race(this.#sending);
      this.#send(lines.slice(i, i + batchLines));
    }
  }

  /** Goes on at another rate. Throws RangeError for one that is not allowed. */
  setRate(rate: number): void {
    this.#generator.setRate(rate);
    this.#rate = rate;
  }

  /** Makes something break. */
  add(incident: AskedIncident): Incident {
    return this.#generator.add(dated(incident, this.#effects.timers.now()));
  }

  /** Counts so far, and what is wrong at the moment. */
  stats(): LogFields {
    const nowMs = this.#effects.timers.now();
    const incidents = this.#generator.incidents(nowMs, nowMs + 1);
    return {
      ...this.#counts,
      rate: this.#rate,
      up_ms: nowMs - this.#startMs,
      in_flight: this.#sending.size,
      incidents: incidents.map(({ kind, affected }) => `${kind} ${affected[0]!.name}`).join(', '),
    };
  }

  /** One soon, unless one comes soon anyway: a demo should not make one wait. */
  #addFirst(): void {
    const { firstIncidentAfterMs } = this.#options;
    if (firstIncidentAfterMs === 0) return;
    const first: AskedIncident = { kind: 'error_burst', afterMs: firstIncidentAfterMs, durationMs: 90_000 };
    const untilMs = this.#startMs + firstIncidentAfterMs + 2 * 90_000;
    const soon = this.#generator.incidents(this.#startMs, untilMs);
    if (soon.length === 0) this.#generator.add(dated(first, this.#startMs));
  }

  #send(lines: readonly string[]): void {
    const sending = this.#publish(lines).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  async #publish(lines: readonly string[]): Promise<void> {
    try {
      const message = await fluentdBatch(lines);
      await this.#effects.publisher.publish(message);
      this.#counts.lines += lines.length;
      this.#counts.messages++;
      this.#counts.bytes += message.data.length;
    } catch (error) {
      this.#counts.failed_lines += lines.length;
      this.#effects.failed(error);
    }
  }
}

const dated = ({ afterMs, ...incident }: AskedIncident, nowMs: number): IncidentRequest => ({
  ...incident,
  atMs: nowMs + afterMs,
});

function generatorOptions(options: RunnerOptions, startMs: number): GeneratorOptions {
  const { seed, rate, services, mix, incidentEveryMs, rhythm, timeCompression, templates } = options;
  return {
    seed,
    rate,
    startMs,
    ...(services === undefined ? {} : { services }),
    ...(mix === undefined ? {} : { mix }),
    ...(incidentEveryMs === undefined ? {} : { incidentEveryMs }),
    ...(rhythm === undefined ? {} : { rhythm }),
    ...(timeCompression === undefined ? {} : { timeCompression }),
    ...(templates === undefined ? {} : { templates }),
  };
}

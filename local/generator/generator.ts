/**
 * The logs of a shop that never was: five services, or as many as asked for, with requests that pass through them,
 * failures of a known share and kind, a daily rhythm, and incidents with known truth. Pure: the seed and the times
 * that are asked for determine every line, whatever the steps in which they are asked for; the clock is an argument.
 *
 *     const generator = createGenerator({ seed: 7, rate: 200 });
 *     for (const { service, line } of generator.next(fromMs, fromMs + 1000)) …
 *
 * Time is cut into slots of 100 ms, each with a random stream of its own. A request that starts in a slot may end
 * in a later one: its lines wait there. Asked to jump, the generator first plays what may reach into the time asked.
 */
import { type Effect, effectOf, type Incident } from './incident.ts';
import { Random, weighted } from './random.ts';
import { MAX_REQUEST_MS, RequestWriter } from './request.ts';
import { type IncidentRequest, Schedule } from './schedule.ts';
import { JOB_SHARE, type Service, servicesOf } from './services.ts';
import { speakersOf } from './speaker.ts';
import type { Template } from './templates.ts';
import { LEVELS, type Level } from './texts/text.ts';
import type { Kind } from './vocabulary.ts';

/** Shares of the levels in normal times; they need not add up to 1. */
export type Mix = Readonly<Record<Level, number>>;

export const USUAL_MIX: Mix = { info: 70, warn: 15, error: 10, debug: 4, critical: 1 };

export interface GeneratorOptions {
  /** A whole number; what it determines is written at the head. */
  readonly seed: number;
  /** Lines per second, averaged over a day and over normal times. */
  readonly rate: number;
  /** How many, five kinds in turn, or which; 5 by default. */
  readonly services?: number | readonly { readonly name: string; readonly kind: Kind }[];
  readonly mix?: Mix;
  /** Incidents that are asked for. */
  readonly incidents?: readonly IncidentRequest[];
  /** One random incident, at most, in each stretch of this length; 0: none; 15 minutes by default. */
  readonly incidentEveryMs?: number;
  /** Day and night: the rate goes up and down by this share, highest at 15:00 UTC; 0.3 by default. */
  readonly rhythm?: number;
  /** Rhythm and random incidents run this many times faster than the clock; 1 by default. */
  readonly timeCompression?: number;
  /** Texts that are said: those of the normal course, or those held out for evaluation. */
  readonly templates?: 'usual' | 'held_out';
  /** No request starts before this time. */
  readonly startMs?: number;
}

export interface GeneratedLine {
  readonly service: Service;
  /** JSON, without line end. */
  readonly line: string;
  readonly timestampMs: number;
  /** The text that it was made of, with its category. */
  readonly template: Template;
  /** The incident that made or changed the line. */
  readonly incident: Incident | null;
}

export interface Generator {
  readonly services: readonly Service[];
  /** Lines with timestamps in [fromMs, toMs), in order of time. */
  next(fromMs: number, toMs: number): GeneratedLine[];
  /** Incidents that show in [fromMs, toMs), by their first sign. */
  incidents(fromMs: number, toMs: number): Incident[];
  /** Adds an incident; it changes lines that are not made yet. */
  add(request: IncidentRequest): Incident;
  /** Goes on at another rate. Throws RangeError for one that is not allowed. */
  setRate(rate: number): void;
}

const SLOT_MS = 100;
const RING_SLOTS = 128;
const DAY_MS = 86_400_000;
const PEAK_MS = 15 * 3_600_000;
const INCIDENT_EVERY_MS = 15 * 60_000;

/** Makes a generator. Throws RangeError for an option that is not allowed. */
export function createGenerator(options: GeneratorOptions): Generator {
  checkOptions(options);
  return new SlotGenerator(options);
}

function checkOptions(options: GeneratorOptions): void {
  const { seed, rate, mix = USUAL_MIX, rhythm = 0.3, timeCompression = 1, incidentEveryMs = 0 } = options;
  const check = (name: string, value: unknown, holds: boolean, allowed: string): void => {
    if (!holds) throw new RangeError(`${name}: ${JSON.stringify(value)} is not allowed; allowed: ${allowed}`);
  };
  check('seed', seed, Number.isSafeInteger(seed), 'a whole number');
  check('rate', rate, rate > 0 && rate <= 1e6, 'lines per second above 0, up to 1,000,000');
  check('rhythm', rhythm, rhythm >= 0 && rhythm <= 1, 'a number from 0 to 1');
  check(
    'timeCompression',
    timeCompression,
    timeCompression >= 0.01 && timeCompression <= 1000,
    '0.01 to 1000',
  );
  check(
    'incidentEveryMs',
    incidentEveryMs,
    incidentEveryMs === 0 || incidentEveryMs >= 60_000,
    '0, or from 60,000',
  );
  const shares = LEVELS.map((level) => mix[level]);
  const total = shares.reduce((sum, share) => sum + share, 0);
  check(
    'mix',
    mix,
    total > 0 && shares.every((share) => share >= 0),
    `shares of ${LEVELS.join(', ')}, none below 0`,
  );
}

/** Where a slot's lines wait: no line waits longer than a request lasts. */
const placeOf = (slot: number): number => ((slot % RING_SLOTS) + RING_SLOTS) % RING_SLOTS;

/** A slot's lines by time; those of one millisecond as they were made. */
function inOrder(lines: readonly GeneratedLine[], startMs: number): GeneratedLine[] {
  const byTime: GeneratedLine[][] = Array.from({ length: SLOT_MS }, () => []);
  for (const line of lines) byTime[line.timestampMs - startMs]!.push(line);
  return byTime.flat();
}

class SlotGenerator implements Generator {
  readonly services: readonly Service[];
  #options: GeneratorOptions;
  readonly #schedule: Schedule;
  readonly #writer: RequestWriter;
  readonly #random = new Random();
  readonly #requestRandom = new Random();
  /** Lines by the slot of their time, in a ring; the slots before `#slot` are given out. */
  readonly #waiting: GeneratedLine[][] = Array.from({ length: RING_SLOTS }, () => []);
  #effects: (Effect | null)[];
  /** The next slot to be made. */
  #slot = Number.NaN;
  /** Lines that are made, in order of time, and how many of them are given out. */
  #ready: GeneratedLine[] = [];
  #given = 0;
  /** Up to where lines are given out. */
  #atMs = Number.NaN;

  constructor(options: GeneratorOptions) {
    this.#options = options;
    this.services = servicesOf(options.services ?? 5);
    const { seed, incidentEveryMs = INCIDENT_EVERY_MS, timeCompression = 1 } = options;
    const everyMs = Math.round(incidentEveryMs / timeCompression);
    this.#schedule = new Schedule({ seed, services: this.services, everyMs });
    for (const request of options.incidents ?? []) this.#schedule.add(request);
    const mix = options.mix ?? USUAL_MIX;
    this.#effects = this.services.map(() => null);
    this.#writer = new RequestWriter({
      speakers: speakersOf(this.services, options.templates ?? 'usual'),
      level: weighted(LEVELS.map((level) => mix[level])),
      emit: ({ service }, line, timestampMs, template, effect) => {
        // Looking at a character joins the pieces that the line was put together from, and lets go of them:
        // otherwise they live as long as the line does and most of the time goes to the garbage collector.
        if (line.charCodeAt(line.length - 1) !== 0x7d) throw new Error('a line that is no JSON object');
        const incident = effect === null ? null : effect.incident;
        const lines = this.#waiting[placeOf(Math.floor(timestampMs / SLOT_MS))]!;
        lines.push({ service, line, timestampMs, template, incident });
      },
    });
  }

  next(fromMs: number, toMs: number): GeneratedLine[] {
    if (fromMs !== this.#atMs) this.#jump(fromMs);
    const lines: GeneratedLine[] = [];
    for (;;) {
      while (this.#given < this.#ready.length) {
        const line = this.#ready[this.#given]!;
        if (line.timestampMs >= toMs) break;
        this.#given++;
        if (line.timestampMs >= fromMs) lines.push(line);
      }
      if (this.#given < this.#ready.length || this.#slot * SLOT_MS >= toMs) break;
      this.#ready = this.#makeSlot();
      this.#given = 0;
    }
    this.#atMs = Math.max(fromMs, toMs);
    return lines;
  }

  incidents(fromMs: number, toMs: number): Incident[] {
    return this.#schedule.between(fromMs, toMs);
  }

  add(request: IncidentRequest): Incident {
    return this.#schedule.add(request);
  }

  setRate(rate: number): void {
    const options = { ...this.#options, rate };
    checkOptions(options);
    this.#options = options;
  }

  #jump(toMs: number): void {
    for (const lines of this.#waiting) lines.length = 0;
    this.#ready = [];
    this.#given = 0;
    const fromMs = Math.max(
      toMs - MAX_REQUEST_MS - SLOT_MS,
      this.#options.startMs ?? Number.NEGATIVE_INFINITY,
    );
    this.#slot = Math.floor(Math.min(fromMs, toMs) / SLOT_MS);
  }

  /** Makes what starts in the next slot; gives the lines whose time is in it. */
  #makeSlot(): GeneratedLine[] {
    const slot = this.#slot++;
    const startMs = slot * SLOT_MS;
    const { seed, rate, startMs: firstMs = Number.NEGATIVE_INFINITY } = this.#options;
    const random = this.#random.seed(seed, slot, Math.floor(slot / 2 ** 32));
    this.#writer.beginSlot(random, startMs);
    const load = this.#load(startMs);
    const lines = (rate * load * SLOT_MS) / 1000;
    this.#findEffects(startMs);
    const requests = random.poisson((lines * (1 - JOB_SHARE)) / this.#writer.linesPerRequest);
    const jobs = random.poisson(lines * JOB_SHARE);
    for (let i = 0; i < requests + jobs; i++) {
      const own = this.#requestRandom.seed(random.word(), random.word(), random.word());
      const atMs = startMs + own.below(SLOT_MS);
      if (atMs < firstMs) continue;
      if (i < requests) this.#writer.request(own, atMs, this.#effects, 1 + (load - 1) / 3);
      else this.#writer.job(own, atMs, this.#effects);
    }
    const made = this.#waiting[placeOf(slot)]!;
    this.#waiting[placeOf(slot)] = [];
    return inOrder(made, startMs);
  }

  /** Load at a time of day, 1 on average. */
  #load(atMs: number): number {
    const { rhythm = 0.3, timeCompression = 1 } = this.#options;
    const timeOfDay = (atMs * timeCompression - PEAK_MS) / DAY_MS;
    return 1 + rhythm * Math.cos(2 * Math.PI * (timeOfDay % 1));
  }

  /** What incidents do to each service in this slot; where two meet, the later one wins. */
  #findEffects(atMs: number): void {
    this.#effects.fill(null);
    for (const incident of this.#schedule.between(atMs, atMs + 1)) {
      incident.affected.forEach((service, place) => {
        this.#effects[service.index] = effectOf(incident, place, atMs) ?? this.#effects[service.index]!;
      });
    }
  }
}

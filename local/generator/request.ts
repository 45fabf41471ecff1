/**
 * One request → the lines of the services that it passes, deepest first, each when it is done. All lines of a
 * request share its outcome: a failure starts at the last service of the chain, and those before it say that what
 * they called has failed. So every service has the mix of levels that was asked for, and a trace reads as one story.
 * An incident changes the lines of the services that it touches, and no others.
 */
import type { Effect } from './incident.ts';
import { hex, type Random, weighted } from './random.ts';
import { ROUTES, type Route } from './services.ts';
import type { Told } from './shapes.ts';
import type { Saying } from './slots.ts';
import type { Speaker } from './speaker.ts';
import { TEMPLATES, type Template } from './templates.ts';
import { LEVELS, type Level } from './texts/text.ts';
import { KINDS, type Kind } from './vocabulary.ts';

/** Users that there are, by Zipf's law: the first makes a tenth of the requests. */
const USERS = 20_000;
/** A request ends after this long, at the latest. */
export const MAX_REQUEST_MS = 9_900;

/** Takes a line that is written. */
export type Emit = (
  speaker: Speaker,
  line: string,
  timestampMs: number,
  template: Template,
  effect: Effect | null,
) => void;

export interface RequestOptions {
  readonly speakers: readonly Speaker[];
  /** Draws a level's place in LEVELS. */
  readonly level: (random: Random) => number;
  readonly emit: Emit;
}

/** What one service of the chain has to say. */
interface Part {
  speaker: Speaker;
  effect: Effect | null;
  template: Template;
  level: Level;
  /** Time that the service takes by itself. */
  ownMs: number;
  /** With those that it calls. */
  allMs: number;
}

export class RequestWriter {
  readonly #options: RequestOptions;
  readonly #byKind: Readonly<Record<Kind, readonly Speaker[]>>;
  readonly #route = weighted(ROUTES.map(({ weight }) => weight));
  readonly #parts: Part[];
  readonly #saying: Saying;
  readonly #told: Told;
  #tracePrefix = '';

  constructor(options: RequestOptions) {
    this.#options = options;
    const first = options.speakers[0]!;
    const of = (kind: Kind): Speaker[] => options.speakers.filter(({ service }) => service.kind === kind);
    this.#byKind = Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])) as Record<Kind, Speaker[]>;
    this.#parts = Array.from({ length: 4 }, () => blankPart(first));
    this.#saying = blankSaying(first);
    this.#told = blankTold();
  }

  /** Lines of a request, on average. */
  get linesPerRequest(): number {
    const there = (kind: Kind): boolean => this.#byKind[kind].length > 0;
    const total = ROUTES.reduce((sum, { weight }) => sum + weight, 0);
    return ROUTES.reduce((sum, { weight, chain }) => sum + weight * chain.filter(there).length, 0) / total;
  }

  /** Begins a slot: the first half of its trace ids is the time in seconds, as tracers make them, and a random word. */
  beginSlot(random: Random, startMs: number): void {
    const seconds = Math.floor(startMs / 1000) >>> 0;
    this.#tracePrefix = seconds.toString(16).padStart(8, '0') + hex(random, 1);
  }

  /** Writes the lines of a request that starts now; `load` makes all services slower. */
  request(random: Random, startMs: number, effects: readonly (Effect | null)[], load: number): void {
    const route = ROUTES[this.#route(random)]!;
    const outcome = LEVELS[this.#options.level(random)]!;
    const count = this.#chain(route, random.word(), effects);
    this.#begin(random, route);
    let innerMs = 0;
    for (let place = count - 1; place >= 0; place--) {
      const part = this.#parts[place]!;
      this.#decide(part, outcome, place === count - 1, random);
      part.ownMs = ownMs(part, route, count, load, random);
      innerMs += part.ownMs;
      part.allMs = Math.min(MAX_REQUEST_MS, Math.round(innerMs * 10) / 10);
    }
    let atMs = startMs;
    for (let place = 0; place < count; place++) {
      const part = this.#parts[place]!;
      const callee = place < count - 1 ? this.#parts[place + 1]!.speaker.service.name : '';
      if (part.effect === null || !part.effect.silent)
        this.#say(part, random, Math.floor(atMs + part.allMs), callee);
      atMs = Math.min(atMs + part.ownMs / 2, startMs + MAX_REQUEST_MS - part.allMs);
    }
  }

  /** Writes a line that belongs to no request. */
  job(random: Random, timestampMs: number, effects: readonly (Effect | null)[]): void {
    const speaker = random.pick(this.#options.speakers);
    const effect = effects[speaker.service.index] ?? null;
    if (effect?.silent) return;
    const level = LEVELS[this.#options.level(random)]!;
    const template = speaker.choices.job[level](random);
    const saying = this.#saying;
    saying.random = random;
    saying.callee = '';
    saying.user = '';
    saying.path = '';
    saying.latencyMs = -1;
    const told = this.#told;
    told.method = told.path = told.traceId = told.spanId = told.requestId = told.userId = '';
    told.status = 0;
    told.latencyMs = -1;
    told.errorCode = level === 'error' || level === 'critical' ? random.pick(template.codes) : '';
    this.#write(speaker, template, level, random, timestampMs, null);
  }

  /** Services of the route that there are, of one group; gives how many. */
  #chain(route: Route, group: number, effects: readonly (Effect | null)[]): number {
    let count = 0;
    for (const kind of route.chain) {
      const all = this.#byKind[kind];
      if (all.length === 0) continue;
      const part = this.#parts[count++]!;
      part.speaker = all[group % all.length]!;
      part.effect = effects[part.speaker.service.index] ?? null;
    }
    return count;
  }

  #begin(random: Random, route: Route): void {
    const saying = this.#saying;
    const told = this.#told;
    saying.random = random;
    saying.user = `u_${random.zipf(USERS) + 1}`;
    saying.method = route.method;
    saying.route = route.pattern;
    saying.path = route.hasId ? route.prefix + random.between(1000, 99_999) : route.prefix;
    told.method = route.method;
    told.path = saying.path;
    told.userId = saying.user;
    told.traceId = this.#tracePrefix + hex(random, 2);
    told.requestId = `req-${hex(random, 1)}`;
  }

  /** What a service says: what the incident makes it say, or its part of the request's outcome. */
  #decide(part: Part, outcome: Level, isLast: boolean, random: Random): void {
    const { effect, speaker } = part;
    if (effect !== null) {
      if (disturb(part, effect, random)) return;
      part.effect = effect.silent || effect.latency > 1 ? effect : null;
    }
    const failed = outcome === 'error' || outcome === 'critical';
    part.level = outcome;
    part.template =
      failed && !isLast
        ? speaker.failure('dependency', outcome, random)
        : speaker.choices.request[outcome](random);
  }

  #say(part: Part, random: Random, timestampMs: number, callee: string): void {
    const { speaker, template, level } = part;
    const told = this.#told;
    told.status = statusOf(template, level, told.method, random);
    told.latencyMs = part.allMs;
    told.errorCode = level === 'error' || level === 'critical' ? random.pick(template.codes) : '';
    told.spanId = hex(random, 2);
    const saying = this.#saying;
    saying.callee = callee;
    saying.status = told.status;
    saying.latencyMs = part.allMs;
    this.#write(speaker, template, level, random, timestampMs, part.effect);
  }

  #write(
    speaker: Speaker,
    template: Template,
    level: Level,
    random: Random,
    timestampMs: number,
    effect: Effect | null,
  ): void {
    const told = this.#told;
    const { service, words } = speaker;
    this.#saying.words = words;
    told.source = random.pick(speaker.sources);
    told.timestampMs = timestampMs;
    told.level = level;
    told.place = placeOf(service.kind, words, random);
    told.message = template.message(this.#saying);
    this.#options.emit(speaker, speaker.write(told), timestampMs, template, effect);
  }
}

/** Whether the incident decides what is said, and then what. */
function disturb(part: Part, { incident, ...effect }: Effect, random: Random): boolean {
  const draw = random.unit();
  if (draw < effect.novel) {
    part.level = 'error';
    part.template = TEMPLATES[incident.novel]!;
    return true;
  }
  const failing = draw < effect.novel + effect.error;
  if (!failing && draw >= effect.novel + effect.error + effect.warn) return false;
  part.level = !failing ? 'warn' : random.unit() < effect.critical ? 'critical' : 'error';
  part.template = part.speaker.failure(effect.category, part.level, random);
  return true;
}

function ownMs(part: Part, route: Route, count: number, load: number, random: Random): number {
  const { template, level, effect } = part;
  const factor = effect === null ? 1 : effect.latency;
  const usual = (route.medianMs / count) * Math.exp(route.sigma * random.normal()) * load * factor;
  if (template.category !== 'timeout') return usual;
  if (level === 'warn') return usual * 8;
  return level === 'error' || level === 'critical' ? random.between(2000, 5000) : usual;
}

function statusOf(template: Template, level: Level, method: string, random: Random): number {
  const { category, statuses } = template;
  if (level === 'error' || level === 'critical') return random.pick(statuses);
  const refused = category === 'normal' || category === 'authentication' || category === 'security';
  if (level === 'warn' && refused) return random.pick(statuses);
  return method === 'POST' ? 201 : 200;
}

function placeOf(kind: Kind, words: Speaker['words'], random: Random): string {
  if (kind === 'payment') return random.pick(words.classes);
  if (kind === 'inventory') return random.pick(words.jobs);
  return kind === 'user' ? `${random.pick(words.files)}:${random.between(10, 400)}` : '';
}

const blankPart = (speaker: Speaker): Part => ({
  speaker,
  effect: null,
  template: TEMPLATES[0]!,
  level: 'info',
  ownMs: 0,
  allMs: 0,
});

const blankSaying = ({ words }: Speaker): Omit<Saying, 'random'> & { random: Random } => ({
  random: null as unknown as Random,
  words,
  callee: '',
  user: '',
  method: '',
  path: '',
  route: '',
  status: 0,
  latencyMs: -1,
});

const blankTold = (): Told => ({
  source: '',
  timestampMs: 0,
  level: 'info',
  message: '',
  place: '',
  method: '',
  path: '',
  status: 0,
  latencyMs: -1,
  errorCode: '',
  traceId: '',
  spanId: '',
  requestId: '',
  userId: '',
});

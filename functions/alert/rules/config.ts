/**
 * The configuration of alerting: one JSON document, all of it optional. Rules of the same name as a default replace
 * that default field by field, others are added. Read at the start of an instance; what is wrong is refused with the
 * place, the value and what is allowed, all of it at once.
 */
import { z } from 'zod';
import { DEFAULT_RULES } from './defaults.ts';
import { fits, glob, type Rule, ruleShape, SEVERITIES, span, TIERS, type Tier } from './rule.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'allowed: a time of day from 00:00 to 23:59')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const zone = z
  .string()
  .refine((name) => isZone(name), { error: 'allowed: a time zone such as UTC or Europe/Berlin' });

/** Times of the week: from a time of day to another, which may be after midnight. */
const hours = z.strictObject({
  from: clockTime,
  to: clockTime,
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .default([...DAYS]),
  zone: zone.default('UTC'),
});

export type Hours = Readonly<z.output<typeof hours>>;

const instant = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), 'allowed: a time such as 2026-11-21T08:00:00Z')
  .transform((text) => Date.parse(text));

/** Labels that an alert must have; values may be patterns. */
export const matchers = z
  .strictObject({ service: glob, rule: glob, severity: z.enum(SEVERITIES), tier: z.enum(TIERS) })
  .partial();

export type Matchers = Readonly<z.output<typeof matchers>>;

/** Nobody is told what happens in it: planned work. Either once, from and until, or each week, at these hours. */
const maintenance = z
  .strictObject({
    name: z.string().min(1).max(100),
    match: matchers.default({}),
    from: instant.exactOptional(),
    until: instant.exactOptional(),
    hours: hours.exactOptional(),
  })
  .refine(
    (one) => one.hours !== undefined || (one.from !== undefined && one.until !== undefined),
    'needs from and until, or hours',
  );

export type Maintenance = Readonly<z.output<typeof maintenance>>;

const objective = z
  .strictObject({
    services: z.array(glob).min(1),
    /** Share of entries that must not be errors. */
    target: z.number().gt(0).lt(1),
    long: span(60_000, 6 * 3_600_000).default(3_600_000),
    short: span(10_000, 3_600_000).default(300_000),
    /** How many times faster than allowed errors may be spent; 14.4 spends 2 % of 30 days in an hour. */
    factor: z.number().gt(0).default(14.4),
  })
  .refine(({ long, short }) => short < long, 'short must be less than long');

export type Objective = Readonly<z.output<typeof objective>>;

export const CHANNELS = ['slack', 'mail', 'webhook', 'pagerduty', 'jira'] as const;
type RouteName = (typeof CHANNELS)[number];
/** A channel of the settings, or a webhook that somebody registered; routes that name webhook mean these too. */
export type ChannelName = RouteName | `webhook.${string}`;
/** What routes call a channel. */
export const routeName = (name: ChannelName): RouteName => name.split('.')[0] as RouteName;

/** Who is told what: the first route that fits decides, with `goOn` the next one too. */
const route = z.strictObject({
  match: matchers.default({}),
  hours: hours.exactOptional(),
  channels: z.array(z.enum(CHANNELS)),
  goOn: z.boolean().default(false),
});

const shape = z.strictObject({
  rules: z.array(z.looseObject({ name: z.string() })).default([]),
  tiers: z
    .strictObject({ critical: z.array(glob).default([]), low: z.array(glob).default([]) })
    .default({ critical: [], low: [] }),
  objectives: z.array(objective).default([]),
  maintenance: z.array(maintenance).default([]),
  /** Without one, every channel that is set up is told of pages and tickets, and of infos all but PagerDuty. */
  routes: z.array(route).default([]),
  /** Services that fail within this time of each other are one incident. */
  groupWithin: span(1000, 3_600_000).default(60_000),
  /** An incident that comes back within this time is the same again. */
  reopenWithin: span(0, 86_400_000).default(600_000),
  /** How often is reminded of an incident that goes on; by severity, because a page hurts longer. */
  repeat: z
    .strictObject({ page: span(60_000), ticket: span(60_000), info: span(60_000) })
    .partial()
    .default({}),
  /** An alert that fires so many times within this time flaps: told once, then held back until it is steady. */
  flapping: z
    .strictObject({
      firings: z.number().int().min(2).default(4),
      within: span(60_000).default(1_800_000),
      steady: span(60_000).default(900_000),
    })
    .default({ firings: 4, within: 1_800_000, steady: 900_000 }),
  /** Windows that ended longer ago than this alarm nobody: backfill and late data. */
  oldest: span(60_000).default(900_000),
});

/** The configuration as one writes it. */
export type AlertConfigText = z.input<typeof shape>;

export interface AlertConfig extends Omit<z.output<typeof shape>, 'rules' | 'repeat'> {
  readonly rules: readonly Rule[];
  /** In ms. */
  readonly repeat: Readonly<Record<'page' | 'ticket' | 'info', number>>;
}

const REPEAT = { page: 3_600_000, ticket: 4 * 3_600_000, info: 24 * 3_600_000 };

/** Thrown for a configuration that is wrong; the message lists every place. */
export class AlertConfigError extends Error {
  override readonly name = 'AlertConfigError';
}

/** Reads the text of a configuration; the empty text is the default one. */
export function readAlertConfig(text: string): AlertConfig {
  if (text.trim() === '') return alertConfig({});
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AlertConfigError('the configuration of alerts is no JSON');
  }
  return alertConfig(value);
}

/** Checks a configuration and fills in the defaults. Throws AlertConfigError. */
export function alertConfig(value: unknown): AlertConfig {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new AlertConfigError(z.prettifyError(parsed.error));
  const { rules, repeat, ...rest } = parsed.data;
  const { page = REPEAT.page, ticket = REPEAT.ticket, info = REPEAT.info } = repeat;
  return { ...rest, rules: mergedRules(rules), repeat: { page, ticket, info } };
}

function mergedRules(asked: readonly ({ name: string } & Record<string, unknown>)[]): Rule[] {
  const byName = new Map<string, Record<string, unknown>>(DEFAULT_RULES.map((rule) => [rule.name, rule]));
  for (const rule of asked) byName.set(rule.name, { ...byName.get(rule.name), ...rule });
  return [...byName.values()].map((rule) => {
    const parsed = ruleShape.safeParse(rule);
    if (parsed.success) return parsed.data;
    throw new AlertConfigError(`rule "${String(rule.name)}": ${z.prettifyError(parsed.error)}`);
  });
}

/** How much a service matters. */
export function tierOf(service: string, { tiers }: Pick<AlertConfig, 'tiers'>): Tier {
  if (tiers.critical.some((pattern) => fits(service, pattern))) return 'critical';
  return tiers.low.some((pattern) => fits(service, pattern)) ? 'low' : 'standard';
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

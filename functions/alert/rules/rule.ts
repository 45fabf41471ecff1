/**
 * Rules of alerting as configuration: what breaks a rule, for how long, in how many of how many windows, how severe it
 * is for which tier of services, and when it is over. Read once at the border (zod), with defaults for all of it.
 */
import { z } from 'zod';
import { duration } from '../../setting-kinds.ts';
import { SIGNALS } from '../observation.ts';

/** A duration such as 500ms, 10s, 5m, 1h or 7d; the value is in ms. */
export const span = (least = 0, most = 31 * 86_400_000) => {
  const kind = duration(least, most);
  return z.string().transform((text, context) => {
    const ms = kind.parse(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: `"${text}" is not valid; allowed: ${kind.allowed}` });
    return z.NEVER;
  });
};

/** page: somebody is woken · ticket: in working hours · info: to be seen, nobody is called. */
export const SEVERITIES = ['info', 'ticket', 'page'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const TIERS = ['critical', 'standard', 'low'] as const;
export type Tier = (typeof TIERS)[number];

/** A name, or a pattern in which `*` stands for any characters. */
export const glob = z.string().min(1).max(200);

/** All that are given must hold. */
const condition = z.strictObject({
  /** now > above */
  above: z.number().exactOptional(),
  /** now > timesUsual × usual; does not hold while the usual is not known. */
  timesUsual: z.number().min(0).exactOptional(),
  /** At least so many standard deviations from the usual. */
  deviations: z.number().min(0).exactOptional(),
  /** The window has at least so many entries. */
  entries: z.number().int().min(0).exactOptional(),
  /** The detector's own rule or model decided so. */
  decided: z.literal(true).exactOptional(),
});

export type Condition = Readonly<z.infer<typeof condition>>;

export const ruleShape = z.strictObject({
  name: z
    .string()
    .max(60)
    .regex(/^[a-z][a-z0-9_]*$/, 'allowed: lower case letters, digits and _, starting with a letter'),
  /** Whether it is looked at; the defaults can be switched off one by one. */
  enabled: z.boolean().default(true),
  signal: z.enum(SIGNALS),
  /** Services that it looks at; none: all. */
  services: z.array(glob).min(1).default(['*']),
  /** A window that breaks the rule. */
  breach: condition.refine((one) => Object.keys(one).length > 0, 'at least one condition is needed'),
  /** A window beyond this counts as `need` windows: it is believed at once. */
  certain: condition.exactOptional(),
  /** Of the last `of` windows, `need` must break it. */
  points: z
    .strictObject({ need: z.number().int().min(1), of: z.number().int().min(1).max(60) })
    .refine(({ need, of }) => need <= of, 'need must not be more than of')
    .default({ need: 1, of: 1 }),
  /** And for this long, from the first window that broke it. */
  for: span().default(0),
  /** It is over when this much time went by without a breach, and a good window was seen. */
  clearAfter: span(1000).default(60_000),
  /** When no window comes any more: keep it, or resolve it after `staleAfter`. */
  noData: z.enum(['keep', 'resolve']).default('resolve'),
  staleAfter: span(10_000).default(600_000),
  severity: z
    .strictObject({
      critical: z.enum(SEVERITIES),
      standard: z.enum(SEVERITIES),
      low: z.enum(SEVERITIES),
    })
    .default({ critical: 'page', standard: 'ticket', low: 'info' }),
});

export type RuleText = z.input<typeof ruleShape>;
export type Rule = Readonly<z.output<typeof ruleShape>>;

/** Whether a name fits a pattern of names: `*` stands for any characters, case counts. */
export function fits(name: string, pattern: string): boolean {
  if (!pattern.includes('*')) return name === pattern;
  const [first = '', ...rest] = pattern.split('*');
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = rest.at(-1)!;
  return name.length - last.length >= at && name.endsWith(last);
}

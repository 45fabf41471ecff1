/** Values that many questions and answers hold. What comes in is bounded; times leave as ISO 8601 in UTC. */
import { z } from 'zod';

/** From 1700 to 2250: in µs these are whole numbers that JavaScript holds exactly. */
const [FIRST_MS, LAST_MS] = [Date.UTC(1700, 0), Date.UTC(2250, 0)];

/** Text that somebody gives: bounded, and without half characters, which are no UTF-8. */
export const text = (max: number, least = 1) =>
  z
    .string()
    .min(least)
    .max(max)
    .refine((given) => !/\p{Surrogate}/u.test(given), 'holds half a character');

/** Name of a service, a pattern, a trace, a label. */
export const name = text(256);

/** A time that somebody gives: ISO 8601 with a zone, or ms since the epoch. The value is in ms. */
export const instant = z
  .string()
  .max(40)
  .transform((given, context) => {
    const ms = /^-?\d{1,15}$/.test(given) ? Number(given) : isoMs(given);
    if (ms >= FIRST_MS && ms <= LAST_MS) return ms;
    context.addIssue({
      code: 'custom',
      message:
        'allowed: ISO 8601 with a zone, such as 2026-11-21T08:44:00Z, or ms since the epoch, from 1700 to 2250',
    });
    return z.NEVER;
  })
  .meta({ examples: ['2026-11-21T08:44:00Z'], description: 'ISO 8601 with a zone, or ms since the epoch' });

const isoMs = (given: string): number =>
  z.iso.datetime({ offset: true }).safeParse(given).success ? Date.parse(given) : Number.NaN;

/** A time in an answer, e.g. 2026-11-21T08:44:00.123456Z. */
export const time = z.string().meta({ format: 'date-time' });

export const count = z.number().int().min(0);

/** Any JSON, as labels hold it. */
export const json = z.unknown();

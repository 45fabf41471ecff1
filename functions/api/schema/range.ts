/** Ranges of time and pages of answers. */
import { z } from 'zod';
import { instant, text, time } from './value.ts';

/** [from, to); without them the last hour, or what the path says. */
export const range = {
  from: instant.optional().meta({ description: 'inclusive; an hour before `to` where it is left out' }),
  to: instant.optional().meta({ description: 'exclusive; now where it is left out' }),
};

export const cursor = text(2000).meta({ description: '`next_cursor` of the page before; all else the same' });

/** At most so many items. */
export const limit = (most: number, usual: number) => z.number().int().min(1).max(most).default(usual);

/** A page of items; `next_cursor` null: that was the last. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

/** As a page, of a range of time. */
export const pageOfRange = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable(), from: time, to: time });

/** All there is. */
export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });

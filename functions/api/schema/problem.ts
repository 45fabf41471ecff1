/** What is answered instead, when something is wrong with a question. */
import { z } from 'zod';

export const CODES = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'too_large',
  'too_many',
  'refused',
  'unavailable',
  'internal',
] as const;
export type Code = (typeof CODES)[number];

export const problem = z.object({
  error: z.object({
    code: z.enum(CODES),
    message: z.string(),
    /** Places of what is wrong, where there are several. */
    problems: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
    /** Stands in the log beside the reason. */
    request_id: z.string(),
  }),
});
export type Problem = z.infer<typeof problem>;

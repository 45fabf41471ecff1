/** What people say of verdicts and alerts. */
import { z } from 'zod';
import { FAILURE_CATEGORIES, KINDS } from '../../detect/feedback.ts';
import { cursor, limit, pageOfRange, range } from './range.ts';
import { name, text, time } from './value.ts';

/** useful: it was trouble · noise: it was none · missed: there was trouble that nobody was told of. */
export const feedbackBody = z
  .strictObject({
    kind: z.enum(KINDS),
    service: name,
    window_start: z.iso.datetime({ offset: true }).optional(),
    alert_id: name.optional(),
    category: z.enum(FAILURE_CATEGORIES).optional(),
    note: text(2000, 0).optional(),
  })
  .refine(({ window_start, alert_id }) => window_start !== undefined || alert_id !== undefined, {
    message: 'window_start or alert_id must say what it is about',
  })
  .refine(({ kind, window_start }) => kind !== 'missed' || window_start !== undefined, {
    message: 'missed needs window_start: when was the trouble?',
  });
export type FeedbackBody = z.input<typeof feedbackBody>;

export const feedback = z.object({
  feedback_id: z.string(),
  given_at: time,
  given_by: z.string(),
  kind: z.enum(KINDS),
  service: z.string(),
  window_start: time.nullable(),
  alert_id: z.string().nullable(),
  category: z.string().nullable(),
  note: z.string().nullable(),
});
export type Feedback = z.infer<typeof feedback>;

export const feedbackQuery = z.strictObject({
  ...range,
  service: name.optional(),
  kind: z.enum(KINDS).optional(),
  limit: limit(1000, 100),
  cursor: cursor.optional(),
});
export type FeedbackQuery = z.input<typeof feedbackQuery>;

export const feedbackPage = pageOfRange(feedback);
export type FeedbackPage = z.infer<typeof feedbackPage>;

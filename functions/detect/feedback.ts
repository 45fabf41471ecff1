/**
 * What people say of verdicts and alerts, and the labels that training gets of it. Pure, but for `giveFeedback`, which
 * the API, the button in Slack and the command call: it writes the row.
 *
 * useful: it was trouble, and good to be told of. noise: it was none. missed: there was trouble that nobody was told of.
 * The same person saying the same of the same thing again says it once.
 */
import { z } from 'zod';
import { type Feedback, feedbackTable } from '../warehouse/detect-tables.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { hash } from '../window/window-id.ts';
import { FAILURE_CATEGORIES } from './failure-category.ts';

export const KINDS = ['useful', 'noise', 'missed'] as const satisfies readonly Feedback['kind'][];
export type FeedbackKind = Feedback['kind'];

export type { Feedback };
export { FAILURE_CATEGORIES };

const MAX_NOTE = 2000;
const name = z.string().trim().min(1).max(256);

/** What may be given, as a request's body has it. */
export const feedbackInput = z
  .strictObject({
    kind: z.enum(KINDS),
    service: name,
    givenBy: name,
    /** ISO 8601 with a zone. */
    windowStart: z.iso.datetime({ offset: true }).optional(),
    alertId: name.optional(),
    category: z.enum(FAILURE_CATEGORIES).optional(),
    note: z.string().max(MAX_NOTE).optional(),
  })
  .refine(({ windowStart, alertId }) => windowStart !== undefined || alertId !== undefined, {
    message: 'windowStart or alertId must say what it is about',
  })
  .refine(({ kind, windowStart }) => kind !== 'missed' || windowStart !== undefined, {
    message: 'missed needs windowStart: when was the trouble?',
  });

export type FeedbackInput = z.infer<typeof feedbackInput>;

export interface FeedbackContext {
  readonly nowMs: number;
  /** The window that it is about is the one that holds `windowStart`. */
  readonly windowSizeMs: number;
}

export function feedbackOf(input: FeedbackInput, { nowMs, windowSizeMs }: FeedbackContext): Feedback {
  const { kind, service, givenBy, windowStart, alertId = null, category = null, note = null } = input;
  const atMs = windowStart === undefined ? null : Date.parse(windowStart);
  const windowStartMs = atMs === null ? null : Math.floor(atMs / windowSizeMs) * windowSizeMs;
  return {
    feedbackId: hash(['feedback', givenBy, kind, service, windowStartMs, alertId, category, note].join('\n')),
    givenAtMs: nowMs,
    ...{ givenBy, kind, service, windowStartMs, alertId, category, note },
  };
}

/** Writes feedback. Throws a ZodError for what may not be given; rejects when BigQuery does not take it. */
export async function giveFeedback(
  input: unknown,
  context: FeedbackContext & { readonly warehouse: Warehouse },
): Promise<Feedback> {
  const feedback = feedbackOf(feedbackInput.parse(input), context);
  const refused = await context.warehouse.append(feedbackTable, [feedback]);
  if (refused.length > 0) throw new Error('BigQuery refused the feedback');
  return feedback;
}

/** The label of a window that people spoke of: 1 trouble, 0 none. The last word of each person counts, then the most. */
export function labelsOf(
  feedback: readonly Pick<Feedback, 'givenAtMs' | 'givenBy' | 'kind' | 'service' | 'windowStartMs'>[],
): ReadonlyMap<string, 0 | 1> {
  const last = new Map<string, { readonly window: string; readonly kind: FeedbackKind }>();
  for (const one of [...feedback].sort((a, b) => a.givenAtMs - b.givenAtMs)) {
    if (one.windowStartMs === null) continue;
    const window = windowKey(one.service, one.windowStartMs);
    last.set(`${window}\n${one.givenBy}`, { window, kind: one.kind });
  }
  const votes = new Map<string, number>();
  for (const { window, kind } of last.values())
    votes.set(window, (votes.get(window) ?? 0) + (kind === 'noise' ? -1 : 1));
  return new Map(
    [...votes].flatMap(([window, sum]) => (sum === 0 ? [] : [[window, sum > 0 ? 1 : 0] as const])),
  );
}

/** Names a window of a service. */
export const windowKey = (service: string, windowStartMs: number): string => `${windowStartMs} ${service}`;

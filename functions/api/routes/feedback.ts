/** Paths of feedback, and of notes such as deployments. */
import { z } from 'zod';
import { type Feedback as Given, giveFeedback } from '../../detect/feedback.ts';
import { notes } from '../../warehouse/note-table.ts';
import { hash } from '../../window/window-id.ts';
import { sees } from '../auth/principal.ts';
import { type ApiContext, ownServices } from '../context.ts';
import { explanationOf } from '../explanation.ts';
import { Fault } from '../fault.ts';
import { has, type Paged, pageOfRows } from '../pages.ts';
import { all, isoOf, isoOrNull } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import { type Feedback, feedback, feedbackBody, feedbackPage, feedbackQuery } from '../schema/feedback.ts';
import { feedbackQueue } from '../schema/models.ts';
import { listOf, range } from '../schema/range.ts';
import { NOTE_KINDS, type Note, note } from '../schema/services.ts';
import { instant, name, text } from '../schema/value.ts';
import { spanOf } from '../span.ts';

const tag = 'feedback';
const MONTH_MS = 30 * 86_400_000;

interface FeedbackRow extends Paged, Omit<Feedback, 'given_at' | 'window_start'> {
  readonly window_us: number | null;
}

const given = ({
  feedbackId,
  givenAtMs,
  givenBy,
  windowStartMs,
  alertId,
  kind,
  service,
  category,
  note,
}: Given): Feedback => ({
  feedback_id: feedbackId,
  given_at: new Date(givenAtMs).toISOString(),
  given_by: givenBy,
  ...{ kind, service, category, note },
  window_start: windowStartMs === null ? null : new Date(windowStartMs).toISOString(),
  alert_id: alertId,
});

export const feedbackRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'POST', path: '/feedback', tag, role: 'analyst' },
    summary:
      'Says of a verdict or an alert that it was useful, noise, or missed; the next training learns from it',
    body: feedbackBody,
    answer: answers('Feedback', feedback),
    async handle({ principal, body, nowMs }) {
      if (!sees(principal, body.service)) throw new Fault('forbidden', 'the service is none of yours');
      const { window_start, alert_id, ...rest } = body;
      const input = {
        ...rest,
        givenBy: principal.name,
        ...(window_start === undefined ? {} : { windowStart: window_start }),
        ...(alert_id === undefined ? {} : { alertId: alert_id }),
      };
      const { windowSizeMs } = context.settings;
      return given(await giveFeedback(input, { nowMs, windowSizeMs, warehouse: await context.warehouse() }));
    },
  }),
  route({
    ...{ method: 'GET', path: '/feedback', tag, role: 'viewer' },
    summary: 'What people said, newest first; without from of the last 30 days',
    query: feedbackQuery,
    answer: answers('FeedbackPage', feedbackPage),
    async handle({ principal, query: { from, to, service, kind, limit, cursor }, nowMs }) {
      const { rows, page } = await pageOfRows<FeedbackRow>(
        {
          columns:
            'feedback_id, given_by, kind, service, UNIX_MICROS(window_start) AS window_us, alert_id, category, note',
          ...{ from: 'feedback', time: 'given_at', id: 'feedback_id' },
          ...{ span: spanOf({ from, to }, nowMs, MONTH_MS), limit, cursor },
          conditions: [ownServices(principal), has('service', service), has('kind', kind)],
        },
        context.ask,
      );
      const items = rows.map(({ at_us, row_id: _, window_us, ...rest }) => ({
        ...rest,
        given_at: isoOf(at_us),
        window_start: isoOrNull(window_us),
      }));
      return { items, ...page };
    },
  }),
  route({
    ...{ method: 'GET', path: '/feedback/queue', tag, role: 'viewer' },
    summary: 'Windows of the last seven days judged to be trouble of which nobody said whether they were',
    answer: answers('FeedbackQueue', feedbackQueue),
    async handle({ principal }) {
      const where = all([ownServices(principal, 'p.service')]);
      const rows = await context.ask<{
        service: string;
        start_us: number;
        score: number | null;
        category: string | null;
        explanation: string | null;
      }>({
        sql: `SELECT p.service AS service, UNIX_MICROS(p.window_start) AS start_us, p.score AS score, p.category AS category,
  TO_JSON_STRING(p.explanation) AS explanation
FROM predictions AS p
LEFT JOIN (
  SELECT service, window_start
  FROM feedback
  WHERE given_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 8 DAY) AND window_start IS NOT NULL
  GROUP BY service, window_start
) AS f ON f.service = p.service AND f.window_start = p.window_start
WHERE p.window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) AND p.model = 'verdict' AND p.positive
  AND f.service IS NULL AND ${where.sql}
ORDER BY start_us DESC, service
LIMIT 200`,
        params: where.params,
        sharedMs: 1000,
      });
      const items = rows.map(({ service, start_us, score, category, explanation }) => ({
        ...{ service, score, category },
        window_start: isoOf(start_us),
        summary: explanationOf(explanation)?.summary ?? '',
      }));
      return { items };
    },
  }),
];

interface NoteRow extends Paged, Omit<Note, 'at' | 'by'> {
  readonly noted_by: string;
}

const noteInput = z.strictObject({
  service: name,
  kind: z.enum(NOTE_KINDS).default('note'),
  text: text(1000),
  at: instant.optional().meta({ description: 'when it happened; now where it is left out' }),
});

export const noteRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/notes', tag: 'services', role: 'viewer' },
    summary: 'Deployments and notes, newest first; without from of the last seven days',
    query: z.strictObject({ ...range, service: name.optional() }),
    answer: answers('Notes', listOf(note)),
    async handle({ principal, query: { from, to, service }, nowMs }) {
      const { rows } = await pageOfRows<NoteRow>(
        {
          columns: 'note_id, service, kind, text, noted_by',
          ...{ from: 'notes', time: 'happened_at', id: 'note_id', limit: 500, cursor: undefined },
          span: spanOf({ from, to }, nowMs, 7 * 86_400_000),
          conditions: [ownServices(principal), has('service', service)],
        },
        context.ask,
      );
      const items = rows.map(({ at_us, row_id: _, noted_by: by, ...rest }) => ({
        ...rest,
        by,
        at: isoOf(at_us),
      }));
      return { items };
    },
  }),
  route({
    ...{ method: 'POST', path: '/notes', tag: 'services', role: 'operator' },
    summary: 'Notes a deployment, or anything else that happened to a service',
    body: noteInput,
    answer: answers('Note', note),
    async handle({ principal, body: { service, kind, text, at }, nowMs }): Promise<Note> {
      if (!sees(principal, service)) throw new Fault('forbidden', 'the service is none of yours');
      const atMs = at ?? nowMs;
      const noteId = hash(['note', service, kind, text, atMs, principal.name].join('\n'));
      const row = { noteId, service, kind, text, by: principal.name, atMs };
      const refused = await (await context.warehouse()).append(notes, [row]);
      if (refused.length > 0) throw new Error('BigQuery refused the note');
      return {
        note_id: noteId,
        at: new Date(atMs).toISOString(),
        ...{ service, kind, text },
        by: principal.name,
      };
    },
  }),
];

/** Paths of the pipeline itself, and of what it refused. */
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { parsedJson } from '../explanation.ts';
import { Fault, notFound } from '../fault.ts';
import { has, type Paged, pageOfRows } from '../pages.ts';
import { pipelineOf } from '../pipeline.ts';
import { all, isoOf, text, timeMs, when } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import {
  type DeadLetter,
  deadLetterDetail,
  deadLetterQuery,
  deadLettersPage,
  deadLettersQuery,
  pipeline,
  pipelineQuery,
  retried,
} from '../schema/pipeline.ts';
import { name } from '../schema/value.ts';
import { spanOf } from '../span.ts';

const wide = true as const;
const WEEK_MS = 7 * 86_400_000;
const SHOWN_BYTES = 65_536;
/** Pub/Sub takes no larger message. */
const MAX_MESSAGE = 9_500_000;

const COLUMNS = `insert_id, stage, reason, detail, message_id, TO_JSON_STRING(attributes) AS attributes, parts,
  COALESCE(BYTE_LENGTH(raw), 0) AS bytes`;
/** A dead letter that was delivered twice stands twice. */
const ONCE = `(
  SELECT *
  FROM dead_letters
  WHERE part = 0 AND received_at >= @from_time AND received_at < @to_time
  QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id ORDER BY received_at) = 1
)`;

interface LetterRow extends Paged, Omit<DeadLetter, 'received_at' | 'attributes'> {
  readonly attributes: string | null;
}

const letterOf = ({ at_us, row_id: _, attributes, ...rest }: LetterRow): DeadLetter => ({
  ...rest,
  received_at: isoOf(at_us),
  attributes: parsedJson(attributes),
});

export const pipelineRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/pipeline', tag: 'pipeline', role: 'viewer', wide },
    summary: 'Lag, throughput, revisions, refusals minute by minute, and cost by component',
    query: pipelineQuery,
    answer: answers('Pipeline', pipeline),
    handle: ({ query: { minutes }, nowMs }) =>
      pipelineOf({ ask: context.ask, cost: context.assets.cost }, minutes, nowMs),
  }),
  route({
    ...{ method: 'GET', path: '/dead-letters', tag: 'pipeline', role: 'operator', wide },
    summary: 'What could not be read, newest first; without from of the last seven days',
    query: deadLettersQuery,
    answer: answers('DeadLettersPage', deadLettersPage),
    async handle({ query: { from, to, stage, reason, limit, cursor }, nowMs }) {
      const span = spanOf({ from, to }, nowMs, WEEK_MS);
      const conditions = [has('stage', stage), has('reason', reason)];
      const [{ rows, page }, counts] = await Promise.all([
        pageOfRows<LetterRow>(
          {
            columns: COLUMNS,
            ...{ from: ONCE, time: 'received_at', id: 'insert_id' },
            ...{ span, limit, cursor, conditions },
          },
          context.ask,
        ),
        context.ask<{ stage: string; reason: string; count: number }>({
          sql: `SELECT stage, reason, COUNT(DISTINCT insert_id) AS \`count\`
FROM dead_letters
WHERE part = 0 AND received_at >= @from_time AND received_at < @to_time
GROUP BY stage, reason
ORDER BY \`count\` DESC, stage, reason
LIMIT 200`,
          params: { from_time: timeMs(span.fromMs), to_time: timeMs(span.toMs) },
        }),
      ]);
      return { items: rows.map(letterOf), ...page, counts: [...counts] };
    },
  }),
  route({
    ...{ method: 'GET', path: '/dead-letters/{insert_id}', tag: 'pipeline', role: 'operator', wide },
    summary: 'One dead letter with the first 64 KiB of its bytes',
    params: z.strictObject({ insert_id: name }),
    query: deadLetterQuery,
    answer: answers('DeadLetterDetail', deadLetterDetail),
    async handle({ params, query }) {
      const { row, raw } = await letterWith(context, params.insert_id, query.at);
      const shown = raw.subarray(0, SHOWN_BYTES);
      return {
        ...letterOf(row),
        raw: shown.toString('base64'),
        truncated: raw.length > shown.length || row.parts > 1,
        text: textOf(shown),
      };
    },
  }),
  route({
    ...{ method: 'POST', path: '/dead-letters/{insert_id}/retry', tag: 'pipeline', role: 'operator', wide },
    summary: 'Publishes the bytes of a dead letter again; what can be read of them this time becomes entries',
    params: z.strictObject({ insert_id: name }),
    query: deadLetterQuery,
    answer: answers('Retried', retried),
    async handle({ params, query }) {
      if (context.publish === null)
        throw new Fault('unavailable', 'there is no topic to publish to: LOGWEIR_LOG_TOPIC is not set');
      const { row, raw } = await letterWith(context, params.insert_id, query.at);
      if (row.parts > 2 || raw.length > MAX_MESSAGE)
        throw new Fault('refused', `it has ${row.parts} parts, more than a message of Pub/Sub holds`);
      const message_id = await context.publish(raw, attributesOf(row));
      return { message_id, bytes: raw.length };
    },
  }),
];

interface WithRaw {
  readonly row: LetterRow;
  /** All parts, one after the other. */
  readonly raw: Buffer;
}

async function letterWith({ ask }: ApiContext, id: string, atMs: number): Promise<WithRaw> {
  const where = all([
    when('received_at >= @since AND received_at < @until', {
      since: timeMs(atMs - 1000),
      until: timeMs(atMs + 1000),
    }),
    when('insert_id = @id', { id: text(id) }),
  ]);
  const rows = await ask<LetterRow & { readonly part: number; readonly raw: Buffer | null }>({
    sql: `SELECT ${COLUMNS}, UNIX_MICROS(received_at) AS at_us, insert_id AS row_id, part, raw
FROM dead_letters
WHERE ${where.sql}
QUALIFY ROW_NUMBER() OVER (PARTITION BY part ORDER BY received_at) = 1
ORDER BY part
LIMIT 20`,
    params: where.params,
  });
  const [first] = rows;
  if (first === undefined) throw notFound('a dead letter of this insert_id at this time');
  const { part: _, raw: __, ...row } = first;
  return { row, raw: Buffer.concat(rows.map(({ raw }) => raw ?? Buffer.alloc(0))) };
}

/** Those of the message, but that it is no batch of the shipper's any more: its id would make it a duplicate. */
function attributesOf({ attributes, insert_id }: LetterRow): Record<string, string> {
  const parsed = parsedJson(attributes);
  const given = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  // A single record comes out of its batch unpacked.
  const isWhole = insert_id.endsWith('-batch');
  return Object.fromEntries(
    given.flatMap(([name, value]): [string, string][] => {
      const isOfBatch = name === 'compression_algorithm' || /batch/i.test(name);
      return typeof value !== 'string' || (isOfBatch && !isWhole) ? [] : [[name, value]];
    }),
  );
}

function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * Deletion of one user's data by user_id, in BigQuery and in the cold tier, with a report.
 *
 *   days that are moving are finished ─▶ noted as forgotten ─▶ late_entries ─▶ log_entries ─▶ cold files ─▶ counted again
 *
 * Guarantee: may be broken off and run again; what is gone is not counted again, what came meanwhile goes. The report
 * has counts alone. Ids travel as parameters: the text of a statement stays in BigQuery's list of jobs.
 * Under pressure: BigQuery may refuse to delete rows that were written in the last half hour; then those that are older
 * go, the rest is counted as remaining, and a later run deletes it. Tables that are upserted know no DELETE at all
 * ("not supported over tables that had UPSERT streams"): an example in \`patterns\` is replaced by an upsert.
 * Source: https://cloud.google.com/bigquery/docs/data-manipulation-language#limitations
 */
import type { PatternRow } from '../parse/pattern/pattern-rows.ts';
import { patternTable } from '../warehouse/pattern-table.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type ColdRemoval, removeFromCold } from './cold-removal.ts';
import type { ResultRow, StatementParameters } from './statements.ts';
import { type TierEffects, tier } from './tier.ts';
import { COLD_TABLE } from './tier-sql.ts';

export interface ForgetEffects extends TierEffects {
  readonly warehouse: Warehouse;
  /** Notes the user, so that a replay brings nothing back. */
  readonly note: (userId: string, nowMs: number) => Promise<void>;
}

export interface ForgetOptions {
  readonly userId: string;
  /** Deletes entries of others, and dead letters, whose text has the id as a word, too. */
  readonly mentions: boolean;
}

/** Rows, by where they are. */
export interface UserRows {
  readonly hot: number;
  readonly cold: number;
  readonly late: number;
  /** Examples of patterns that are a message of the user, or name the id. */
  readonly examples: number;
  /** Entries of others, hot and cold, that have the id as a word in message or labels. */
  readonly mentions: number;
  readonly deadLetters: number;
  /** Rows of alerts and feedback that name the id. */
  readonly notes: number;
  /** When the first and last of the user's entries came, in ms since the epoch; null: there are none. */
  readonly received: { readonly fromMs: number; readonly toMs: number } | null;
}

export interface Forgotten {
  readonly found: UserRows;
  readonly cold: ColdRemoval;
  /** BigQuery would not delete rows of the last minutes. */
  readonly refused: boolean;
  /** What is there now. */
  readonly left: UserRows;
}

/** So long after it came a row is no longer in BigQuery's streaming buffer. */
const SETTLED_MS = 5_400_000;
const ALWAYS = "timestamp >= TIMESTAMP '0001-01-01 00:00:00+00'";
const NOTHING: ColdRemoval = { rows: 0, filesReplaced: 0, days: 0 };

/** Which rows, as conditions over log_entries and over its cold form. */
interface Conditions {
  readonly parameters: StatementParameters;
  readonly hot: string;
  readonly cold: string;
}

const OWN = 'COALESCE(user_id = @user, FALSE)';
const named = (labels: string): string =>
  `(REGEXP_CONTAINS(message, @mention) OR COALESCE(REGEXP_CONTAINS(${labels}, @mention), FALSE))`;
const HOT_NAMED = named('TO_JSON_STRING(labels)');
const COLD_NAMED = named('labels');
const RAW_NAMED = 'COALESCE(REGEXP_CONTAINS(SAFE_CONVERT_BYTES_TO_STRING(raw), @mention), FALSE)';

function conditionsOf({ userId, mentions }: ForgetOptions): Conditions {
  const parameters = { user: userId, mention: wordPattern(userId) };
  if (!mentions) return { parameters: { user: userId }, hot: OWN, cold: OWN };
  return { parameters, hot: `(${OWN} OR ${HOT_NAMED})`, cold: `(${OWN} OR ${COLD_NAMED})` };
}

/** The id as a word of its own, for RE2. */
export const wordPattern = (userId: string): string =>
  `(?:^|[^0-9A-Za-z_-])${userId.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?:[^0-9A-Za-z_-]|$)`;

/** What there is of a user. */
export async function findUser({ statements }: ForgetEffects, userId: string): Promise<UserRows> {
  const parameters = { user: userId, mention: wordPattern(userId) };
  const ask = async (query: string): Promise<ResultRow> =>
    (await statements.run(query, only(query, parameters)))[0] ?? {};
  const entries = (from: string, condition: string): Promise<ResultRow> =>
    ask(`
      SELECT COUNTIF(${OWN}) AS own, COUNTIF(NOT ${OWN} AND ${condition}) AS named,
        UNIX_MILLIS(MIN(IF(${OWN}, received_at, NULL))) AS first, UNIX_MILLIS(MAX(IF(${OWN}, received_at, NULL))) AS last
      FROM ${from}`);
  const hot = await entries(`log_entries WHERE ${ALWAYS}`, HOT_NAMED);
  const cold = await entries(COLD_TABLE, COLD_NAMED);
  const late = await ask(`SELECT COUNT(*) AS n FROM late_entries WHERE insert_id IN (${USER_IDS})`);
  const dead = await ask(`SELECT COUNT(DISTINCT insert_id) AS n FROM dead_letters WHERE ${RAW_NAMED}`);
  const examples = await ask(`SELECT COUNT(*) AS n FROM patterns WHERE ${EXAMPLE_OF_USER}`);
  const notes = await ask(NOTES);
  const times = [hot.first, hot.last, cold.first, cold.last].flatMap((ms) =>
    ms === null ? [] : [Number(ms)],
  );
  return {
    hot: Number(hot.own),
    cold: Number(cold.own),
    late: Number(late.n),
    examples: Number(examples.n),
    mentions: Number(hot.named) + Number(cold.named),
    deadLetters: Number(dead.n),
    notes: Number(notes.n),
    received: times.length === 0 ? null : { fromMs: Math.min(...times), toMs: Math.max(...times) },
  };
}

const ofUser = (column: string): string => `
  SELECT ${column} FROM log_entries WHERE ${ALWAYS} AND user_id = @user
  UNION ALL
  SELECT ${column} FROM ${COLD_TABLE} WHERE user_id = @user`;
const USER_IDS = ofUser('insert_id');
/** Where the template stands for the example, there is nothing left of the message. */
const EXAMPLE_OF_USER = `example != template AND (REGEXP_CONTAINS(example, @mention) OR example IN (${ofUser('message')}))`;
const NOTES = `
  SELECT
    (SELECT COUNT(*) FROM alerts
     WHERE REGEXP_CONTAINS(summary, @mention) OR COALESCE(REGEXP_CONTAINS(TO_JSON_STRING(evidence), @mention), FALSE))
    + (SELECT COUNT(*) FROM feedback WHERE COALESCE(REGEXP_CONTAINS(note, @mention), FALSE)) AS n`;

/** BigQuery refuses parameters that a statement does not name. */
const only = (query: string, parameters: StatementParameters): StatementParameters =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => query.includes(`@${name}`)));

/** Deletes it. Rejects when a client fails; run again then. */
export async function forgetUser(effects: ForgetEffects, options: ForgetOptions): Promise<Forgotten> {
  const { userId } = options;
  // A day that is moving has its rows in a table of its own, from which they would come back.
  await tier(effects, { tierAfterMs: effects.clock(), maxMs: Number.POSITIVE_INFINITY });
  const found = await findUser(effects, userId);
  await effects.note(userId, effects.clock());
  if (found.examples > 0) await replaceExamples(effects, userId);
  const conditions = conditionsOf(options);
  const refused = await deleteHot(effects, conditions, found, options);
  const { hot: _, ...cold } = conditions;
  const inCold = found.cold + (options.mentions ? found.mentions : 0) > 0;
  const removed = inCold
    ? await removeFromCold({ where: cold.cold, parameters: only(cold.cold, cold.parameters) }, effects)
    : NOTHING;
  return { found, cold: removed, refused, left: await findUser(effects, userId) };
}

/** Resolves to whether BigQuery refused rows of the last minutes. */
async function deleteHot(
  { statements, clock }: ForgetEffects,
  { hot, parameters }: Conditions,
  found: UserRows,
  { mentions, userId }: ForgetOptions,
): Promise<boolean> {
  const statementsToRun = [
    ...(found.late > 0 ? [`DELETE FROM late_entries WHERE insert_id IN (${USER_IDS})`] : []),
    ...(mentions && found.deadLetters > 0
      ? [
          `DELETE FROM dead_letters WHERE insert_id IN (SELECT insert_id FROM dead_letters WHERE ${RAW_NAMED})`,
        ]
      : []),
    `DELETE FROM log_entries WHERE ${ALWAYS} AND ${hot}`,
  ];
  let refused = false;
  for (const statement of statementsToRun) {
    const all = { ...parameters, user: userId };
    try {
      await statements.run(statement, only(statement, all));
    } catch (error) {
      if (!isStreaming(error)) throw error;
      refused = true;
      const settled = `${statement} AND received_at < TIMESTAMP_MILLIS(@settled)`;
      await statements.run(settled, only(settled, { ...all, settled: clock() - SETTLED_MS }));
    }
  }
  return refused;
}

const isStreaming = (error: unknown): boolean =>
  error instanceof Error && /streaming buffer|recently (?:streamed|written)/i.test(error.message);

/** Of a pattern whose example is the user's, the template is the example. */
async function replaceExamples({ statements, warehouse }: ForgetEffects, userId: string): Promise<void> {
  const rows = await statements.run(
    `SELECT * EXCEPT (first_seen, last_seen, counted_until, updated_at), UNIX_MICROS(first_seen) AS first_seen,
      UNIX_MICROS(last_seen) AS last_seen, UNIX_MICROS(counted_until) AS counted_until, UNIX_MICROS(updated_at) AS updated_at
    FROM patterns WHERE ${EXAMPLE_OF_USER}`,
    { user: userId, mention: wordPattern(userId) },
  );
  const changed = rows.map((row) => ({ ...(row as unknown as PatternRow), example: String(row.template) }));
  await warehouse.append(patternTable, changed);
}

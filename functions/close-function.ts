/**
 * The edge of `close`: the HTTP call of a task → fire its windows → rows. Answers 200 when nothing is left to do, also
 * for timers that ran before; 425 when the timer runs before its time, 409 when another firing was faster and 500 when a client
 * failed, and Cloud Tasks calls again; 400 for a call that no timer of ours makes.
 */
import { z } from 'zod';
import { openFirestore } from './clients.ts';
import { wallClock } from './clock.ts';
import { loadConfig } from './config.ts';
import {
  type Detection,
  judgementsByRow,
  judgeResults,
  judgeSilence,
  keepJudgements,
  tellJudgements,
} from './detect/closing.ts';
import { openDetection } from './detect/open.ts';
import type { ClosedWindow } from './detect/preparation.ts';
import { type LogPipeline, pipelines } from './job.ts';
import { errorFields, log } from './log.ts';
import { ERROR, INFO, WARNING } from './parse/severity.ts';
import { deadLetters } from './warehouse/tables.ts';
import { openWarehouse, type Warehouse } from './warehouse/warehouse.ts';
import { type Closed, FiringConflict, type WindowResult } from './window/close.ts';
import { fire, TooEarly } from './window/fire.ts';
import { firestoreStore } from './window/firestore-store.ts';
import type { StoredPart, WindowStore } from './window/store.ts';
import type { TimerBody } from './window/task-timers.ts';
import type { JobWindow, Timer } from './window/window-id.ts';

/** What the HTTP edge answers. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CloseContext {
  readonly store: WindowStore;
  readonly warehouse: Warehouse;
  readonly pipelines: readonly LogPipeline[];
  /** Allowed lateness and longest redelivery, in ms. */
  readonly retentionMs: number;
  readonly outOfOrdernessMs: number;
  readonly clock: () => number;
  /** null: windows close without a verdict. */
  readonly detection: Detection | null;
}

const timerBody: z.ZodType<TimerBody> = z.object({
  job: z.string(),
  slot: z.int(),
  windows: z
    .array(
      z
        .object({ start: z.int(), end: z.int(), key: z.string().optional() })
        .refine(({ start, end }) => start < end, 'start must be before end'),
    )
    .min(1),
});

/** Opens the clients once an instance; returns what handles the body of one call. */
export async function openClose(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<(body: unknown) => Promise<Answer>> {
  const config = loadConfig(env);
  const retentionMs = config.allowedLatenessMs + config.redeliveryMs;
  const firestore = await openFirestore(config);
  const context: CloseContext = {
    store: firestoreStore(firestore, { retentionMs }),
    warehouse: openWarehouse({
      projectId: config.project,
      datasetId: config.dataset,
      endpoint: config.bigqueryWriteEndpoint,
    }),
    pipelines: pipelines(config),
    retentionMs,
    outOfOrdernessMs: config.outOfOrdernessMs,
    clock: wallClock,
    detection: await openDetection(config, firestore),
  };
  return (body) => answerTimer(body, context);
}

/** Handles one call. Never throws: a failure is an answer that makes Cloud Tasks call again. */
export async function answerTimer(body: unknown, context: CloseContext): Promise<Answer> {
  const parsed = timerBody.safeParse(body);
  if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
  const { job: name, slot: slotMs, windows } = parsed.data;
  const pipeline = context.pipelines.find(({ job }) => job.name === name);
  if (pipeline === undefined) {
    log(WARNING, 'close', 'timer of a job that does not run', { job: name });
    const allowed = context.pipelines.map(({ job }) => job.name).join(', ');
    return { status: 400, body: { error: `no job "${name}"; allowed: ${allowed}` } };
  }
  const timers = windows.map(({ start, end, key }) => ({
    of: { job: name, window: { start, end }, ...(key === undefined ? {} : { key }) },
    slotMs,
  }));
  const startedMs = context.clock();
  try {
    const closed = await run(pipeline, timers, context);
    if (closed.every(({ why }) => why === 'empty')) await lookForSilence(timers, context);
    const done = { job: name, start: windows[0]!.start, windows: windows.length, ...countsOf(closed) };
    log(INFO, 'close', 'windows fired', { ...done, ms: context.clock() - startedMs });
    return { status: 200, body: done };
  } catch (error) {
    return failed(error);
  }
}

/** Nothing came for what was fired: is everybody silent? */
async function lookForSilence(timers: readonly Timer[], context: CloseContext): Promise<void> {
  const { detection, store, warehouse, clock } = context;
  const { job, window } = timers.at(-1)!.of;
  if (detection?.job !== job) return;
  const hasParts = async (windows: readonly ClosedWindow[]): Promise<boolean> => {
    const of = windows.map(({ startMs, endMs }) => ({ job, window: { start: startMs, end: endMs } }));
    return (await store.partsOf(of)).some((parts) => parts.length > 0);
  };
  await judgeSilence(window, { detection, hasParts, warehouse, clock });
}

/** Windows fired, and of these revised; rows written; windows by why nothing was done. */
function countsOf(closed: readonly Closed[]) {
  const counts = { fired: 0, revised: 0, rows: 0 };
  const idle: Record<string, number> = {};
  for (const { act, why, rows, revision } of closed) {
    if (why !== null) idle[why] = (idle[why] ?? 0) + 1;
    if (act !== 'none') counts.fired++;
    if (revision > 1) counts.revised++;
    counts.rows += rows;
  }
  return { ...counts, ...idle };
}

function failed(error: unknown): Answer {
  if (error instanceof TooEarly) return { status: 425, body: { error: error.message } };
  const conflict = error instanceof FiringConflict;
  log(conflict ? INFO : ERROR, 'close', 'firing failed; the timer will call again', errorFields(error));
  return { status: conflict ? 409 : 500, body: { error: conflict ? error.message : 'firing failed' } };
}

function run({ job, table }: LogPipeline, timers: readonly Timer[], context: CloseContext) {
  const { store, warehouse, clock, retentionMs, outOfOrdernessMs } = context;
  const detection = context.detection?.job === job.name ? context.detection : null;
  const emit = async (results: readonly WindowResult<unknown>[]): Promise<void> => {
    const judged = detection === null ? null : await judgeResults(results, detection);
    const judgementOf = judged === null ? () => null : judgementsByRow(judged);
    const emittedAtMs = clock();
    const rows = results.map(({ window: { start, end }, backfill: _, ...result }) => ({
      ...{ job: job.name, start, end, emittedAtMs, judgement: judgementOf(result.key, start) },
      ...result,
    }));
    const kept = judged === null ? null : keepJudgements(judged, warehouse, emittedAtMs);
    const [refused] = await Promise.all([warehouse.append(table, rows), kept]);
    if (refused.length > 0) throw new Error(`BigQuery refused ${refused.length} window rows`);
    if (judged !== null && detection !== null) await tellJudgements(judged, detection, emittedAtMs);
  };
  const corrupt = (window: JobWindow, part: StoredPart) => keepCorrupt(window, part, warehouse, clock());
  return fire(job, timers, { store, emit, corrupt }, { nowMs: clock(), retentionMs, outOfOrdernessMs });
}

async function keepCorrupt(of: JobWindow, part: StoredPart, warehouse: Warehouse, nowMs: number) {
  log(ERROR, 'close', 'a partial cannot be read; its window is marked incomplete', {
    job: of.job,
    start: of.window.start,
    part: part.id,
  });
  await warehouse.append(deadLetters, [
    {
      insert_id: `partial-${part.id}`,
      part: 0,
      parts: 1,
      received_at: nowMs * 1000,
      stage: 'window',
      reason: 'corrupt_partial',
      detail: `partial of job ${of.job}, window ${of.window.start} to ${of.window.end}`,
      message_id: '',
      attributes: '{}',
      raw: Buffer.from(part.data),
    },
  ]);
}

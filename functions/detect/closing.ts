/**
 * Detection as the close function uses it: results of a firing → judgements; then rows of predictions, keyed state, and
 * messages on the topic of verdicts.
 *
 * Guarantee: windows close, whatever happens here: when judging fails, they close without a verdict. What is written and
 * published is keyed, so that a firing that runs again changes nothing.
 */
import { errorFields, log } from '../log.ts';
import { ERROR, WARNING } from '../parse/severity.ts';
import type { ServiceStats } from '../service-stats.ts';
import { predictions } from '../warehouse/prediction-table.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { WindowResult } from '../window/close.ts';
import type { Detector, Judged } from './detector.ts';
import { isTold, type Judgement, messageOf } from './judgement.ts';
import { predictionRows } from './prediction-rows.ts';
import type { ClosedWindow } from './preparation.ts';
import type { VerdictMessage } from './verdict.ts';

export interface Detection {
  /** The job whose windows are judged. */
  readonly job: string;
  readonly detector: Detector;
  /** Publishes verdicts; at least once, each under its id. */
  readonly publish: (messages: readonly VerdictMessage[]) => Promise<void>;
}

/** Judges the results of a firing; null: it cannot be done, and the windows close without. */
export async function judgeResults(
  results: readonly WindowResult<unknown>[],
  { detector }: Detection,
): Promise<Judged | null> {
  try {
    return await detector.judge(windowsOf(results as readonly WindowResult<ServiceStats>[]));
  } catch (error) {
    log(ERROR, 'detect', 'judging failed; windows close without a verdict', errorFields(error));
    return null;
  }
}

/** Keeps what was judged. Rejects when a client fails, and the firing runs again. */
export async function keepJudgements(
  { judgements, keep }: Judged,
  warehouse: Warehouse,
  nowMs: number,
): Promise<void> {
  const rows = judgements.flatMap((judgement) => predictionRows(judgement, nowMs));
  const [refused] = await Promise.all([rows.length === 0 ? [] : warehouse.append(predictions, rows), keep()]);
  if (refused.length > 0) throw new Error(`BigQuery refused ${refused.length} predictions`);
}

/** Tells of what was judged; after it is kept. Rejects when a client fails, and the firing runs again. */
export async function tellJudgements(
  { judgements }: Judged,
  { publish }: Detection,
  nowMs: number,
): Promise<void> {
  const told = judgements.filter(isTold);
  if (told.length > 0) await publish(told.map((judgement) => messageOf(judgement, nowMs)));
}

/**
 * Judges a window that was fired and has nothing in it: whether everybody is silent. `hasParts` says whether something
 * came for windows that have not closed yet: then nobody is. Rejects when a client fails, and the firing runs again.
 */
export async function judgeSilence(
  window: { readonly start: number; readonly end: number },
  { detection, hasParts, ...rest }: SilenceContext,
): Promise<void> {
  const silent = await detection.detector.silentUpTo({ startMs: window.start, endMs: window.end });
  if (silent.length === 0 || (await hasParts(silent))) return;
  const judged = await detection.detector.judge(silent);
  const nowMs = rest.clock();
  await keepJudgements(judged, rest.warehouse, nowMs);
  await tellJudgements(judged, detection, nowMs);
  log(WARNING, 'detect', 'no entry of any service came', {
    windows: silent.length,
    services: new Set(judged.judgements.map(({ service }) => service)).size,
  });
}

export interface SilenceContext {
  readonly detection: Detection;
  readonly hasParts: (windows: readonly ClosedWindow[]) => Promise<boolean>;
  readonly warehouse: Warehouse;
  readonly clock: () => number;
}

/** Finds the judgement of a row. */
export function judgementsByRow({
  judgements,
}: Judged): (service: string, startMs: number) => Judgement | null {
  const byRow = new Map(judgements.map((one) => [`${one.startMs} ${one.service}`, one]));
  return (service, startMs) => byRow.get(`${startMs} ${service}`) ?? null;
}

function windowsOf(results: readonly WindowResult<ServiceStats>[]): ClosedWindow[] {
  const windows = new Map<number, ClosedWindow & { readonly services: Map<string, ServiceStats> }>();
  for (const { window, key, value, revision, incomplete, backfill } of results) {
    const { start: startMs, end: endMs } = window;
    const present = windows.get(startMs);
    const one = present ?? { startMs, endMs, revision, incomplete, backfill, services: new Map() };
    one.services.set(key, value);
    windows.set(startMs, one);
  }
  return [...windows.values()];
}

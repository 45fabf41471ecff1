/** How the pipeline does, minute by minute, from its own rows; and what it would cost at this load. */
import type { CostPoint, CostTable } from './assets.ts';
import { type Ask, isoOf, timeMs } from './question.ts';
import type { Pipeline } from './schema/pipeline.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SHARED_MS = 2000;

interface MinuteRow {
  readonly minute: number;
  readonly entries?: number;
  readonly shipping_mean_ms?: number | null;
  readonly shipping_max_ms?: number | null;
  readonly windows?: number;
  readonly revised?: number;
  readonly window_delay_mean_ms?: number | null;
  readonly dead_letters?: number;
  readonly late_entries?: number;
}

const minuteOf = (column: string): string => `DIV(UNIX_MICROS(${column}), 60000000) AS minute`;

/** Entries whose event is more than an hour older than their arrival are left out: a backfill is no lag. */
const RECEIVED = `SELECT ${minuteOf('received_at')}, COUNT(*) AS entries,
  AVG(TIMESTAMP_DIFF(received_at, timestamp, MILLISECOND)) AS shipping_mean_ms,
  MAX(TIMESTAMP_DIFF(received_at, timestamp, MILLISECOND)) AS shipping_max_ms
FROM log_entries
WHERE timestamp >= TIMESTAMP_SUB(@since, INTERVAL 1 HOUR) AND received_at >= @since
GROUP BY minute`;

const EMITTED = `SELECT ${minuteOf('window_end')}, COUNT(*) AS windows, COUNTIF(revision > 1) AS revised,
  AVG(IF(revision = 1, TIMESTAMP_DIFF(emitted_at, window_end, MILLISECOND), NULL)) AS window_delay_mean_ms
FROM windows
WHERE window_start >= @since
GROUP BY minute`;

const REFUSED = `SELECT ${minuteOf('received_at')}, COUNT(DISTINCT insert_id) AS dead_letters
FROM dead_letters
WHERE received_at >= @since AND part = 0
GROUP BY minute`;

const LATE = `SELECT ${minuteOf('received_at')}, COUNT(DISTINCT insert_id) AS late_entries
FROM late_entries
WHERE received_at >= @since
GROUP BY minute`;

const REVISIONS = `SELECT revision, COUNT(*) AS windows
FROM windows
WHERE window_start >= @since
GROUP BY revision
ORDER BY revision
LIMIT 100`;

/** Bytes of the last ten minutes' text. */
const BYTES = `SELECT COALESCE(SUM(BYTE_LENGTH(message) + COALESCE(BYTE_LENGTH(TO_JSON_STRING(labels)), 0)), 0) AS bytes,
  COUNT(*) AS entries
FROM log_entries
WHERE timestamp >= @recent AND received_at >= @recent`;

const RECENT_MS = 10 * MINUTE_MS;
/** Of an entry's fields beside message and labels, as services write them. */
const FIELD_BYTES = 150;

export async function pipelineOf(
  { ask, cost }: { readonly ask: Ask; readonly cost: CostTable | null },
  minutes: number,
  nowMs: number,
): Promise<Pipeline> {
  const toMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
  const fromMs = toMs - minutes * MINUTE_MS;
  const params = { since: timeMs(fromMs) };
  const shared = (sql: string) => ask<MinuteRow>({ sql, params, sharedMs: SHARED_MS });
  const [received, emitted, refused, late, revisions, [bytes]] = await Promise.all([
    shared(RECEIVED),
    shared(EMITTED),
    shared(REFUSED),
    shared(LATE),
    ask<{ revision: number; windows: number }>({ sql: REVISIONS, params, sharedMs: SHARED_MS }),
    ask<{ bytes: number; entries: number }>({
      sql: BYTES,
      params: { recent: timeMs(toMs - RECENT_MS) },
      sharedMs: 10_000,
    }),
  ]);
  const all = merged([received, emitted, refused, late], fromMs, minutes);
  const sum = (of: (one: Pipeline['minutes'][number]) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  const entries = sum((one) => one.entries);
  const perDay =
    bytes === undefined ? 0 : (bytes.bytes + bytes.entries * FIELD_BYTES) * ((24 * HOUR_MS) / RECENT_MS);
  return {
    from: isoOf(fromMs * 1000),
    to: isoOf(toMs * 1000),
    minutes: all,
    totals: {
      entries,
      entries_per_second: entries / Math.max(1, (nowMs - fromMs) / 1000),
      windows: sum(({ windows }) => windows),
      revised: sum(({ revised }) => revised),
      dead_letters: sum(({ dead_letters }) => dead_letters),
      late_entries: sum(({ late_entries }) => late_entries),
    },
    revisions: [...revisions],
    cost: cost === null ? null : costOf(cost, perDay / 1e9),
  };
}

function merged(
  parts: readonly (readonly MinuteRow[])[],
  fromMs: number,
  minutes: number,
): Pipeline['minutes'] {
  const first = fromMs / MINUTE_MS;
  const found = new Map<number, Partial<MinuteRow>>();
  for (const row of parts.flat()) found.set(row.minute, { ...found.get(row.minute), ...row });
  return Array.from({ length: minutes }, (_, i) => {
    const one = found.get(first + i) ?? {};
    return {
      minute: isoOf((first + i) * MINUTE_MS * 1000),
      entries: one.entries ?? 0,
      shipping_mean_ms: one.shipping_mean_ms ?? null,
      shipping_max_ms: one.shipping_max_ms ?? null,
      windows: one.windows ?? 0,
      revised: one.revised ?? 0,
      window_delay_mean_ms: one.window_delay_mean_ms ?? null,
      dead_letters: one.dead_letters ?? 0,
      late_entries: one.late_entries ?? 0,
    };
  });
}

/** Between the loads that were reckoned, by a straight line. */
export function costOf({ prices_as_of, points }: CostTable, gbPerDay: number): Pipeline['cost'] {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return null;
  const at = Math.min(Math.max(gbPerDay, first.gb_per_day), last.gb_per_day);
  const above = points.find((point) => point.gb_per_day >= at) ?? last;
  const below = points.findLast((point) => point.gb_per_day <= at) ?? first;
  const width = above.gb_per_day - below.gb_per_day;
  const part = width === 0 ? 0 : (at - below.gb_per_day) / width;
  const usdOf = (point: CostPoint, name: string): number => point.usd_per_day[name] ?? 0;
  const components = Object.keys(above.usd_per_day).map((component) => ({
    component,
    usd_per_day: usdOf(below, component) + part * (usdOf(above, component) - usdOf(below, component)),
  }));
  return {
    prices_as_of,
    gb_per_day: gbPerDay,
    usd_per_day: components.reduce((sum, { usd_per_day }) => sum + usd_per_day, 0),
    components,
  };
}

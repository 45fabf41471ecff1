/**
 * What the models see of a window: 16 numbers, from one row of `service_windows` and from what is usual for the
 * service. Training and serving share this file. Pure.
 *
 * A service is not encoded by its name but by what is usual for it (the middle of its last windows), so that a service
 * that training never saw gives the same numbers as any other: changes, not levels. Counts are weighed by what chance
 * allows, so that ten entries and ten thousand can be told by the same model.
 */

/** What is needed of a row of `service_windows`; the columns' names and units. */
export interface ServiceWindow {
  /** Start of the window, ms since the epoch. */
  readonly window_start_ms: number;
  readonly entries: number;
  /** Of severity ERROR or higher. */
  readonly errors: number;
  readonly warning_count: number;
  /** Of severity CRITICAL or higher. */
  readonly critical_count: number;
  readonly http_4xx: number;
  readonly http_5xx: number;
  /** Null where no entry told a latency. */
  readonly latency_mean_ms: number | null;
  readonly latency_p50_ms: number | null;
  readonly latency_p99_ms: number | null;
  readonly distinct_users: number;
  /**
   * Of the errors, those whose message pattern the service first showed less than `NEW_PATTERN_MS` ago, after it had
   * been known for `KNOWN_SERVICE_MS`; 0 where that is not known.
   */
  readonly new_pattern_errors: number;
}

/** The features, in their order. `…_change`: logarithm of now / usual. `…_excess`: beyond the usual share. */
export const FEATURES = [
  'entries',
  'entries_change',
  'error_rate',
  'error_excess',
  'warning_excess',
  'critical_excess',
  'http_4xx_excess',
  'http_5xx_excess',
  'latency_mean_change',
  'latency_p50_change',
  'latency_p99_change',
  'latency_tail',
  'users_change',
  'new_pattern_errors',
  'hour_sine',
  'hour_cosine',
] as const;

export type FeatureName = (typeof FEATURES)[number];

/** Windows that the LSTM looks back on, the newest included. */
export const SEQUENCE = 20;
/** Windows before a window that say what is usual. */
export const HISTORY = 120;
/** How long a pattern is new. */
export const NEW_PATTERN_MS = 600_000;
/** How long a service must be known before a pattern of its can be new. */
export const KNOWN_SERVICE_MS = 1_800_000;
/** With fewer, nothing is known to be usual, and all changes are 0. */
export const MIN_HISTORY = 12;

/** What is usual for a service. Shares of the entries; null: not known. */
export interface Usual {
  readonly entries: number;
  readonly errorRate: number;
  readonly warningRate: number;
  readonly criticalRate: number;
  readonly http4xxRate: number;
  readonly http5xxRate: number;
  readonly latencyMeanMs: number | null;
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
  readonly users: number;
}

const HOUR_MS = 3_600_000;

/** What the windows before tell to be usual: their middle half, so that an incident among them changes little. */
export function usualOf(history: readonly ServiceWindow[]): Usual | null {
  const busy = history.slice(-HISTORY).filter(({ entries }) => entries > 0);
  if (busy.length < MIN_HISTORY) return null;
  const rate = (count: (row: ServiceWindow) => number): number => pooledRate(busy, count);
  return {
    entries: median(busy.map(({ entries }) => entries)) ?? 0,
    errorRate: rate((row) => row.errors),
    warningRate: rate((row) => row.warning_count),
    criticalRate: rate((row) => row.critical_count),
    http4xxRate: rate((row) => row.http_4xx),
    http5xxRate: rate((row) => row.http_5xx),
    latencyMeanMs: median(busy.map((row) => row.latency_mean_ms)),
    latencyP50Ms: median(busy.map((row) => row.latency_p50_ms)),
    latencyP99Ms: median(busy.map((row) => row.latency_p99_ms)),
    users: median(busy.map((row) => row.distinct_users)) ?? 0,
  };
}

/** The 16 features of a window. Finite, whatever the row holds. */
export function featuresOf(row: ServiceWindow, usual: Usual | null): Float32Array {
  const excess = (count: number, rate: keyof Usual): number =>
    usual === null ? 0 : shareExcess(count, row.entries, usual[rate] ?? 0);
  const change = (now: number | null, before: number | null | undefined): number =>
    now === null || before == null ? 0 : Math.log((now + 1) / (before + 1));
  const hour = (2 * Math.PI * (row.window_start_ms % (24 * HOUR_MS))) / (24 * HOUR_MS);
  const features: Record<FeatureName, number> = {
    entries: Math.log1p(row.entries),
    entries_change: change(row.entries, usual?.entries),
    error_rate: row.entries === 0 ? 0 : row.errors / row.entries,
    error_excess: excess(row.errors, 'errorRate'),
    warning_excess: excess(row.warning_count, 'warningRate'),
    critical_excess: excess(row.critical_count, 'criticalRate'),
    http_4xx_excess: excess(row.http_4xx, 'http4xxRate'),
    http_5xx_excess: excess(row.http_5xx, 'http5xxRate'),
    latency_mean_change: change(row.latency_mean_ms, usual?.latencyMeanMs),
    latency_p50_change: change(row.latency_p50_ms, usual?.latencyP50Ms),
    latency_p99_change: change(row.latency_p99_ms, usual?.latencyP99Ms),
    latency_tail: change(row.latency_p99_ms, row.latency_p50_ms),
    users_change: change(row.distinct_users, usual?.users),
    new_pattern_errors: Math.log1p(row.new_pattern_errors),
    hour_sine: Math.sin(hour),
    hour_cosine: Math.cos(hour),
  };
  return Float32Array.from(FEATURES, (name) => bounded(features[name]));
}

/** A window in which the service said nothing. */
export const emptyWindow = (startMs: number): ServiceWindow => ({
  window_start_ms: startMs,
  entries: 0,
  errors: 0,
  warning_count: 0,
  critical_count: 0,
  http_4xx: 0,
  http_5xx: 0,
  latency_mean_ms: null,
  latency_p50_ms: null,
  latency_p99_ms: null,
  distinct_users: 0,
  new_pattern_errors: 0,
});

/** Standard deviations beyond what the usual rate would give, on a logarithmic scale with its sign. */
function shareExcess(count: number, entries: number, rate: number): number {
  const z = (count - entries * rate) / Math.sqrt(entries * rate * (1 - rate) + 1);
  return Math.sign(z) * Math.log1p(Math.abs(z));
}

/** Σ count / Σ entries of the windows whose own rate is in the middle half. */
function pooledRate(rows: readonly ServiceWindow[], count: (row: ServiceWindow) => number): number {
  const sorted = rows.map((row) => ({ count: count(row), entries: row.entries }));
  sorted.sort((a, b) => a.count * b.entries - b.count * a.entries);
  const quarter = Math.floor(sorted.length / 4);
  let entries = 0;
  let counted = 0;
  for (const row of sorted.slice(quarter, sorted.length - quarter)) {
    entries += row.entries;
    counted += row.count;
  }
  return counted / entries;
}

function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  return (known[(known.length - 1) >> 1]! + known[known.length >> 1]!) / 2;
}

const bounded = (value: number): number => (Number.isFinite(value) ? Math.max(-20, Math.min(20, value)) : 0);

/**
 * The rules on a window, each against what is usual for the service itself. Pure. They decide alone when the models do
 * not answer, and beside them when they do. A rule needs a history: of a service that is not known nothing is unusual.
 */
import { FEATURES, type FeatureName, type ServiceWindow, type Usual } from '../../models/features.ts';
import { latencyBaseline, zScore } from './baseline.ts';
import type { Note } from './notes.ts';
import type { Finding } from './verdict.ts';

/** Thresholds; each is a setting. */
export interface RuleSettings {
  /** |z| of the mean latency beyond which it is unusual. */
  readonly latencyZ: number;
  /** The error rate must be above this multiple of the usual one … */
  readonly errorRatio: number;
  /** … and above this share … */
  readonly errorRate: number;
  /** … with at least so many errors. */
  readonly minErrors: number;
  /** How long a service must say nothing. */
  readonly silenceMs: number;
  /** Consecutive windows with weak signs that make a degradation. */
  readonly degradationWindows: number;
}

export interface RuleInput {
  readonly row: ServiceWindow;
  readonly usual: Usual | null;
  readonly features: ArrayLike<number>;
  /** Windows before, oldest first; null: silent. */
  readonly history: readonly (Note | null)[];
  readonly windowMs: number;
  /** Patterns that the service never showed before, with their errors. */
  readonly fresh: readonly (readonly [patternId: string, entries: number])[];
  readonly signs: number;
}

/** The findings of all rules. */
export const applyRules = (input: RuleInput, settings: RuleSettings): Finding[] =>
  [latency, errorRate, degradation, silence, newPattern].flatMap((rule) => rule(input, settings) ?? []);

/** An excess as models/features.ts scales it, of three standard deviations. */
const THREE_DEVIATIONS = Math.log1p(3);
const HALF = Math.log(0.5);
const DOUBLE = Math.log(2);

/** Weak signs of trouble: any of the features above (or, if negative, below) its value. */
const SIGNS: readonly (readonly (readonly [FeatureName, number])[])[] = [
  [
    ['error_excess', THREE_DEVIATIONS],
    ['critical_excess', THREE_DEVIATIONS],
    ['http_5xx_excess', THREE_DEVIATIONS],
  ],
  [['warning_excess', THREE_DEVIATIONS]],
  [
    ['latency_mean_change', Math.log(1.5)],
    ['latency_p99_change', DOUBLE],
  ],
  [['entries_change', HALF]],
];

/** How many weak signs a window shows; what usually comes together is one. */
export const countSigns = (features: ArrayLike<number>): number =>
  SIGNS.filter((sign) =>
    sign.some(([name, beyond]) => {
      const value = features[FEATURES.indexOf(name)]!;
      return beyond > 0 ? value > beyond : value < beyond;
    }),
  ).length;

const P50_CHANGE = FEATURES.indexOf('latency_p50_change');
const SLOWER = Math.log(1.2);
/** With so many entries chance does not double the middle latency. */
const PLAIN_ENTRIES = 20;
const FIRST_ODD_WEIGHT = 0.5;

/**
 * A few slow answers move the mean, which is odd; where the middle one is slower too, the service is slow. One window
 * of that is chance once in a few hundred, so it is believed when the window before was slow as well, or when the middle
 * latency has doubled.
 */
function latency({ row, history, features }: RuleInput, { latencyZ }: RuleSettings): Finding | null {
  const baseline = latencyBaseline(history);
  if (baseline === null || row.latency_mean_ms === null) return null;
  const now = row.latency_mean_ms;
  const z = zScore(now, baseline);
  if (Math.abs(z) <= latencyZ) return null;
  const isSlow = (meanMs: number | null, change: ArrayLike<number>): boolean =>
    meanMs !== null &&
    zScore(meanMs, baseline) > latencyZ &&
    meanMs > 1.5 * baseline.mean &&
    change[P50_CHANGE]! > SLOWER;
  const before = history.at(-1) ?? null;
  const lasts = before !== null && isSlow(before.row.latency_mean_ms, before.features);
  const isPlain = features[P50_CHANGE]! > DOUBLE && row.entries >= PLAIN_ENTRIES;
  const weight = Math.min(0.9, (lasts ? 0.55 : 0.4) + 0.05 * (z - latencyZ));
  return {
    rule: 'latency',
    weight: !isSlow(now, features) ? 0.3 : lasts || isPlain ? weight : Math.min(FIRST_ODD_WEIGHT, weight),
    measure: 'latency_mean',
    unit: 'ms',
    now,
    usual: baseline.mean,
    summary: `mean latency ${ms(now)}, usually ${ms(baseline.mean)} (z = ${z.toFixed(1)})`,
  };
}

function errorRate({ row, usual }: RuleInput, settings: RuleSettings): Finding | null {
  if (usual === null || row.entries === 0 || row.errors < settings.minErrors) return null;
  const now = row.errors / row.entries;
  if (now <= settings.errorRate || now <= settings.errorRatio * usual.errorRate) return null;
  return {
    rule: 'error_rate',
    weight: Math.min(0.95, 0.7 + 0.6 * (now - settings.errorRate)),
    measure: 'error_rate',
    unit: 'share',
    now,
    usual: usual.errorRate,
    summary: `${percent(now)} errors (${row.errors} of ${row.entries}), usually ${percent(usual.errorRate)}`,
  };
}

function degradation({ history, signs }: RuleInput, { degradationWindows }: RuleSettings): Finding | null {
  const before = history.slice(history.length - degradationWindows + 1);
  if (signs < 2 || before.length < degradationWindows - 1) return null;
  if (!before.every((note) => note !== null && note.signs >= 2)) return null;
  return {
    rule: 'degradation',
    weight: 0.5 + 0.1 * (signs - 2),
    measure: 'weak_signs',
    unit: 'windows',
    now: degradationWindows,
    usual: 0,
    summary: `${signs} weak signs of trouble, and several in each of the ${degradationWindows - 1} windows before`,
  };
}

/** So many entries must be missing: that chance alone keeps them away has a probability of e^−20. */
const MISSING_ENTRIES = 20;

function silence({ row, history, windowMs }: RuleInput, { silenceMs }: RuleSettings): Finding | null {
  if (row.entries > 0) return null;
  const runs = silentRuns(history.map((note) => note?.row.entries ?? 0));
  const silent = runs.trailing + 1;
  const before = history.slice(0, history.length - runs.trailing);
  const entries = before.reduce((sum, note) => sum + (note?.row.entries ?? 0), 0);
  const usual = before.length === 0 ? 0 : entries / before.length;
  const missing = usual * silent;
  // A service that speaks now and then has been as silent before.
  if (silent * windowMs < silenceMs || missing < MISSING_ENTRIES || silent <= 2 * runs.longest) return null;
  return {
    rule: 'silence',
    weight: 0.9,
    measure: 'entries',
    unit: 'entries',
    now: 0,
    usual,
    summary: `not one entry for ${Math.round((silent * windowMs) / 1000)} s, where ${Math.round(missing)} are usual`,
  };
}

function silentRuns(entries: readonly number[]): { readonly trailing: number; readonly longest: number } {
  let [run, longest] = [0, 0];
  for (const count of entries) {
    if (count === 0) run++;
    else {
      longest = Math.max(longest, run);
      run = 0;
    }
  }
  return { trailing: run, longest };
}

/** Errors of new patterns are counted for this long; rare patterns that are merely seen at last come one by one. */
const NEW_ERRORS_MS = 60_000;
const MIN_NEW_ERRORS = 12;
const NEW_ERRORS_RATIO = 4;
const SPREADING_WEIGHT = 0.65;

function newPattern({ fresh, row, history, windowMs }: RuleInput): Finding | null {
  const spreading = newErrors({ row, history, windowMs });
  // Several patterns at once, one entry each, say no more than one of them.
  const most = Math.max(0, ...fresh.map(([, count]) => count));
  const weight = Math.max(
    spreading === null ? 0 : SPREADING_WEIGHT,
    most === 0 ? 0 : Math.min(0.65, 0.1 + 0.05 * most),
  );
  if (weight === 0) return null;
  const entries = Math.max(
    spreading ?? 0,
    fresh.reduce((sum, [, count]) => sum + count, 0),
  );
  const many = fresh.length < 2 ? 'a pattern of errors' : `${fresh.length} patterns of errors`;
  const when = spreading === null ? 'never seen of this service before' : 'that the service did not know';
  return {
    rule: 'new_error_pattern',
    weight,
    measure: 'new_pattern_errors',
    unit: 'entries',
    now: entries,
    usual: 0,
    summary: `${many} ${when}, ${entries} ${entries === 1 ? 'entry' : 'entries'}${spreading === null ? '' : ` within ${NEW_ERRORS_MS / 1000} s`}`,
  };
}

/** Errors of new patterns in the last minute; null: not more than seen now and then, or over. */
function newErrors({ row, history, windowMs }: Pick<RuleInput, 'row' | 'history' | 'windowMs'>) {
  if (row.new_pattern_errors < 2) return null;
  const windows = Math.max(1, Math.round(NEW_ERRORS_MS / windowMs));
  const counts = history.map((note) => note?.row.new_pattern_errors ?? 0);
  const sum = (list: readonly number[]): number => list.reduce((all, count) => all + count, 0);
  const lately = row.new_pattern_errors + (windows === 1 ? 0 : sum(counts.slice(1 - windows)));
  const before = windows === 1 ? counts : counts.slice(0, 1 - windows);
  const usual = before.length === 0 ? 0 : (sum(before) / before.length) * windows;
  return lately >= MIN_NEW_ERRORS && lately > NEW_ERRORS_RATIO * usual ? lately : null;
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

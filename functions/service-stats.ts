/**
 * The aggregate of the job `service_health`: everything a window tells about its entries. Mergeable, and the same
 * to the last bit in whatever order entries and partials come, because all sums are of whole numbers: latency is
 * rounded to whole microseconds.
 */
import type { LogEntry } from './parse/log-entry.ts';
import { ERROR } from './parse/severity.ts';
import { addSample, encodeSamples, mergeSamples, readSamples, type Sample } from './samples.ts';
import type { AggregateFunction } from './stream/aggregate.ts';
import {
  addDistinct,
  countDistinct,
  type Distinct,
  emptyDistinct,
  encodeDistinct,
  mergeDistinct,
  readDistinct,
} from './stream/aggregates/distinct.ts';
import {
  addMoment,
  emptyMoments,
  encodeMoments,
  type Moments,
  mean,
  mergeMoments,
  readMoments,
  variance,
} from './stream/aggregates/moments.ts';
import {
  addQuantile,
  emptyQuantiles,
  encodeQuantiles,
  mergeQuantiles,
  type Quantiles,
  quantile,
  readQuantiles,
} from './stream/aggregates/quantiles.ts';
import { encodeCounts, TextReader } from './stream/aggregates/text-code.ts';
import { addTop, encodeTop, mergeTop, mostFrequent, readTop, type Top } from './stream/aggregates/top.ts';

/** A latency above 100 days is taken as 100 days. */
const MAX_LATENCY_US = 100 * 86_400_000_000;
const TOP_PATTERNS = 10;
const ERROR_PATTERNS = 50;
const SEVERITIES = 9;
const HTTP_CLASSES = 5;

export interface ServiceAccumulator {
  /** Entries by severity / 100. */
  readonly severities: number[];
  /** Entries by HTTP status class − 1. */
  readonly http: number[];
  anomalies: number;
  maxAnomalyScore: number;
  /** Of latencies in µs. */
  readonly latency: Moments;
  readonly quantiles: Quantiles;
  readonly users: Distinct;
  readonly patterns: Top;
  /** Of entries of severity ERROR or higher. */
  readonly errorPatterns: Top;
  readonly samples: Sample[];
}

/** The statistics of one service in one window. Latencies in ms; null without one. */
export interface ServiceStats {
  readonly entries: number;
  /** Entries of severity ERROR or higher. */
  readonly errors: number;
  /** Entries by severity / 100: DEFAULT, DEBUG, … EMERGENCY. */
  readonly severities: readonly number[];
  /** Entries with HTTP status 1xx to 5xx. */
  readonly http: readonly number[];
  readonly anomalies: number;
  readonly maxAnomalyScore: number;
  readonly latency: {
    readonly count: number;
    readonly mean: number | null;
    readonly variance: number | null;
    readonly min: number | null;
    readonly p50: number | null;
    readonly p90: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
    readonly max: number | null;
  };
  readonly distinctUsers: number;
  /** The ten most frequent patterns, most frequent first. */
  readonly topPatterns: readonly (readonly [patternId: string, entries: number])[];
  /** The fifty most frequent patterns of entries of severity ERROR or higher, most frequent first. */
  readonly errorPatterns: readonly (readonly [patternId: string, entries: number])[];
  /** The worst entries that a rule marked, one of a pattern, the worst first. */
  readonly samples: readonly Sample[];
}

type Stats = AggregateFunction<LogEntry, ServiceAccumulator, ServiceStats>;

export const serviceStats: Stats = {
  create: () => ({
    severities: new Array(SEVERITIES).fill(0),
    http: new Array(HTTP_CLASSES).fill(0),
    anomalies: 0,
    maxAnomalyScore: 0,
    latency: emptyMoments(),
    quantiles: emptyQuantiles(),
    users: emptyDistinct(),
    patterns: new Map(),
    errorPatterns: new Map(),
    samples: [],
  }),

  add(acc, entry) {
    acc.severities[entry.severity / 100]!++;
    if (entry.http_status !== null) {
      const index = Math.floor(entry.http_status / 100) - 1;
      if (index >= 0 && index < HTTP_CLASSES) acc.http[index]!++;
    }
    if (entry.anomaly_score > 0) {
      acc.anomalies++;
      if (entry.anomaly_score > acc.maxAnomalyScore) acc.maxAnomalyScore = entry.anomaly_score;
      addSample(acc.samples, entry);
    }
    if (entry.latency_ms !== null) {
      const us = Math.min(MAX_LATENCY_US, Math.max(0, Math.round(entry.latency_ms * 1000)));
      addMoment(acc.latency, us);
      addQuantile(acc.quantiles, us);
    }
    if (entry.user_id !== null) addDistinct(acc.users, entry.user_id);
    if (entry.pattern_id !== null) {
      addTop(acc.patterns, entry.pattern_id);
      if (entry.severity >= ERROR) addTop(acc.errorPatterns, entry.pattern_id);
    }
    return acc;
  },

  merge(a, b) {
    addEach(a.severities, b.severities);
    addEach(a.http, b.http);
    a.anomalies += b.anomalies;
    a.maxAnomalyScore = Math.max(a.maxAnomalyScore, b.maxAnomalyScore);
    mergeMoments(a.latency, b.latency);
    mergeQuantiles(a.quantiles, b.quantiles);
    mergeDistinct(a.users, b.users);
    mergeTop(a.patterns, b.patterns);
    mergeTop(a.errorPatterns, b.errorPatterns);
    mergeSamples(a.samples, b.samples);
    return a;
  },

  result: (acc) => ({
    entries: sum(acc.severities),
    errors: sum(acc.severities.slice(ERROR / 100)),
    severities: [...acc.severities],
    http: [...acc.http],
    anomalies: acc.anomalies,
    maxAnomalyScore: acc.maxAnomalyScore,
    latency: latencyOf(acc),
    distinctUsers: countDistinct(acc.users),
    topPatterns: mostFrequent(acc.patterns, TOP_PATTERNS),
    errorPatterns: mostFrequent(acc.errorPatterns, ERROR_PATTERNS),
    samples: [...acc.samples],
  }),

  encode: (acc) =>
    VERSION +
    encodeCounts(acc.severities) +
    encodeCounts(acc.http) +
    encodeCounts([acc.anomalies, acc.maxAnomalyScore]) +
    encodeMoments(acc.latency) +
    encodeQuantiles(acc.quantiles) +
    encodeDistinct(acc.users) +
    encodeTop(acc.patterns) +
    encodeTop(acc.errorPatterns) +
    encodeSamples(acc.samples),

  decode: (encoded) => mergeEncoded(serviceStats.create(), encoded),
  mergeEncoded,
};

/** First character of an encoding; another one is of another release. */
const VERSION = '2';
/** The release before kept no patterns of errors and no samples; its partials are read for a while. */
const OLD_VERSION = '1';

/** As `merge`, straight from the text: a window of 1,000 partials is closed in a tenth of the time. */
function mergeEncoded(acc: ServiceAccumulator, encoded: unknown): ServiceAccumulator {
  const version = typeof encoded === 'string' ? encoded[0] : undefined;
  if (typeof encoded !== 'string' || (version !== VERSION && version !== OLD_VERSION))
    throw new Error(`service stats are not text of version ${VERSION}`);
  try {
    read(acc, new TextReader(encoded, VERSION.length), version);
  } catch (error) {
    throw new Error(`service stats are corrupt: ${(error as Error).message}`);
  }
  return acc;
}

function read(acc: ServiceAccumulator, reader: TextReader, version: string): void {
  for (let i = 0; i < SEVERITIES; i++) acc.severities[i]! += reader.count();
  for (let i = 0; i < HTTP_CLASSES; i++) acc.http[i]! += reader.count();
  acc.anomalies += reader.count();
  acc.maxAnomalyScore = Math.max(acc.maxAnomalyScore, reader.count());
  const latencies = readMoments(acc.latency, reader);
  if (readQuantiles(acc.quantiles, reader) !== latencies) throw new Error('quantiles of other latencies');
  readDistinct(acc.users, reader);
  readTop(acc.patterns, reader);
  if (version === VERSION) {
    readTop(acc.errorPatterns, reader);
    readSamples(acc.samples, reader);
  }
  if (!reader.done) throw new Error('something follows');
}

function latencyOf({ latency, quantiles }: ServiceAccumulator): ServiceStats['latency'] {
  const ms = (us: number | null): number | null => (us === null ? null : us / 1000);
  // A bucket's value may lie up to 1 % outside of what was measured.
  const at = (q: number): number | null => {
    const us = quantile(quantiles, q);
    return us === null ? null : ms(Math.min(latency.max, Math.max(latency.min, us)));
  };
  const us2 = variance(latency);
  return {
    count: latency.count,
    mean: ms(mean(latency)),
    variance: us2 === null ? null : us2 / 1e6,
    min: latency.count === 0 ? null : ms(latency.min),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: latency.count === 0 ? null : ms(latency.max),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function addEach(a: number[], b: readonly number[]): void {
  for (let i = 0; i < a.length; i++) a[i]! += b[i]!;
}

/**
 * Stage alert, the border: what a detector tells about one service in one window, in the policy's own words. Numbers
 * stand beside what is usual; the evidence goes into the message. Bounded here once, so that nothing behind it meets
 * a line of 100 KB or a list without an end.
 */

/** What a rule may look at. Rates are 0 to 1, latencies and ages in ms, scores 0 to 1, the rest are counts. */
export const SIGNALS = [
  'error_rate',
  'latency',
  'degradation',
  'silence',
  'new_pattern',
  'anomaly',
  'failure',
  'burn_rate',
  'lag',
  'dead_letters',
  'failed_writes',
  'model_fallback',
] as const;

export type SignalName = (typeof SIGNALS)[number];

/** One number of a window beside what is usual. */
export interface Signal {
  readonly now: number;
  /** The same number as it usually is; null: not known. */
  readonly usual: number | null;
  /** Standard deviations from the usual; null: not known. */
  readonly deviations: number | null;
  /** Whether the detector's own rule or model decided that it is wrong; null: it has no such rule. */
  readonly decided: boolean | null;
}

export interface Pattern {
  readonly id: string;
  readonly template: string;
  readonly entries: number;
}

/** A trace that an error of the service belongs to, with the error's time where it is known. */
export interface Trace {
  readonly id: string;
  readonly atMs: number | null;
}

export interface Prediction {
  /** 0 to 1. */
  readonly probability: number;
  readonly horizonMs: number;
  readonly why: string;
}

/** What a person needs to see to believe it. All of it redacted before it came here. */
export interface Evidence {
  readonly patterns: readonly Pattern[];
  readonly samples: readonly string[];
  readonly traces: readonly Trace[];
  readonly prediction: Prediction | null;
  /** The detector's reasons, in a sentence; empty: none. */
  readonly explanation: string;
}

export interface Observation {
  readonly service: string;
  readonly startMs: number;
  readonly endMs: number;
  /** A higher revision of the same window replaces the lower. */
  readonly revision: number;
  readonly entries: number;
  readonly errors: number;
  readonly signals: Readonly<Partial<Record<SignalName, Signal>>>;
  readonly evidence: Evidence;
}

export const NO_EVIDENCE: Evidence = {
  patterns: [],
  samples: [],
  traces: [],
  prediction: null,
  explanation: '',
};

const MAX = {
  patterns: 5,
  samples: 3,
  traces: 5,
  template: 240,
  sample: 400,
  id: 128,
  text: 600,
  service: 200,
};

/** Cuts what is too long or too much. */
export function bounded(observation: Observation): Observation {
  const { evidence } = observation;
  return {
    ...observation,
    service: cut(observation.service, MAX.service),
    evidence: {
      patterns: evidence.patterns.slice(0, MAX.patterns).map(({ id, template, entries }) => ({
        id: cut(id, MAX.id),
        template: cut(template, MAX.template),
        entries,
      })),
      samples: evidence.samples.slice(0, MAX.samples).map((line) => cut(line, MAX.sample)),
      traces: evidence.traces.slice(0, MAX.traces).map(({ id, atMs }) => ({ id: cut(id, MAX.id), atMs })),
      prediction: evidence.prediction && {
        ...evidence.prediction,
        why: cut(evidence.prediction.why, MAX.text),
      },
      explanation: cut(evidence.explanation, MAX.text),
    },
  };
}

/** At most `length` UTF-16 units, never half a surrogate pair; what was cut ends in "…". */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = length - 1;
  const code = text.charCodeAt(end - 1);
  return `${text.slice(0, code >= 0xd800 && code < 0xdc00 ? end - 1 : end)}…`;
}

/**
 * The verdict on a window of a service: one score, one severity, and why. Pure. `verdictMessage` is what the topic of
 * verdicts carries, as JSON: everything a message to a human needs, so that whoever alerts asks nobody else.
 */
import { z } from 'zod';

/** From good to bad. ticket: somebody should look today; page: now. */
export const SEVERITIES = ['ok', 'info', 'ticket', 'page'] as const;
export type VerdictSeverity = (typeof SEVERITIES)[number];

/** From which score on. */
const FROM: readonly (readonly [score: number, severity: VerdictSeverity])[] = [
  [0.9, 'page'],
  [0.6, 'ticket'],
  [0.3, 'info'],
];

/** Worth a human: what counts as positive. */
export const isTrouble = (severity: VerdictSeverity): boolean => severity === 'ticket' || severity === 'page';

export const severityOf = (score: number): VerdictSeverity =>
  FROM.find(([least]) => score >= least)?.[1] ?? 'ok';

export const TROUBLE_SCORE = 0.6;

/** What spoke for trouble: the rules on a window, and the models. */
export const RULES = [
  'latency',
  'error_rate',
  'degradation',
  'silence',
  'new_error_pattern',
  'failure_predicted',
  'unusual',
] as const;
export type RuleName = (typeof RULES)[number];

/** A rule that holds. */
export interface Finding {
  readonly rule: RuleName;
  /** How sure it makes us that something is wrong, 0 to 1. */
  readonly weight: number;
  /** What was measured, e.g. latency_mean. */
  readonly measure: string;
  readonly unit: 'ms' | 'share' | 'entries' | 'windows' | 'probability' | 'score';
  readonly now: number;
  /** What is usual for the service, in the same unit; null: not known, or there is no such thing. */
  readonly usual: number | null;
  /** One sentence. */
  readonly summary: string;
}

/** Independent signs add up: 1 − Π(1 − weight). */
export const scoreOf = (findings: readonly Finding[]): number =>
  Number((1 - findings.reduce((rest, { weight }) => rest * (1 - weight), 1)).toFixed(4));

const time = z.iso.datetime();

/** The message on the topic of verdicts. Times are ISO 8601 in UTC. */
export const verdictMessage = z.object({
  version: z.literal(1),
  /** The same for the same job, service, window and revision, however often it is published. */
  id: z.string(),
  job: z.string(),
  service: z.string(),
  /** A higher revision of a window replaces a lower one. incomplete: the counts are too low. */
  window: z.object({ start: time, end: time, revision: z.int(), incomplete: z.boolean() }),
  judgedAt: time,
  /** ok is published for a while after trouble alone: for recoveries. */
  severity: z.enum(SEVERITIES),
  /** 0 to 1: from 0.3 info, from 0.6 ticket, from 0.9 page. */
  score: z.number(),
  /** ok, and the newest window before that had a verdict was not. */
  recovered: z.boolean(),
  /** fallback: the endpoint of the models did not answer in time; rules and baselines decided. */
  decidedBy: z.enum(['model', 'fallback']),
  models: z.object({
    version: z.string().nullable(),
    /** Probability of an incident within `horizonMs`; null: the models did not answer. */
    failureProbability: z.number().nullable(),
    horizonMs: z.int(),
    /** Score of the isolation forest, 0 to 1, and the features that had most to do with it. */
    anomalyScore: z.number().nullable(),
    anomalyReasons: z.array(z.string()),
  }),
  /** What spoke for it, the strongest first. */
  findings: z.array(
    z.object({
      rule: z.enum(RULES),
      weight: z.number(),
      measure: z.string(),
      unit: z.enum(['ms', 'share', 'entries', 'windows', 'probability', 'score']),
      now: z.number(),
      usual: z.number().nullable(),
      summary: z.string(),
    }),
  ),
  /** One sentence for a human. */
  summary: z.string(),
  /** Failure category of the worst pattern of errors: network, timeout, database, …; null: not told. */
  category: z.string().nullable(),
  /** The window's measures with what is usual; null: not known. */
  measures: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      now: z.number().nullable(),
      usual: z.number().nullable(),
    }),
  ),
  /** Patterns of errors, most frequent first; without errors, of all entries. */
  patterns: z.array(
    z.object({
      patternId: z.string(),
      entries: z.int(),
      isNew: z.boolean(),
      category: z.string().nullable(),
    }),
  ),
  /** The worst entries, redacted and cut. */
  samples: z.array(
    z.object({
      time,
      severity: z.string(),
      message: z.string(),
      patternId: z.string().nullable(),
      traceId: z.string().nullable(),
    }),
  ),
  traceIds: z.array(z.string()),
});

export type VerdictMessage = z.infer<typeof verdictMessage>;

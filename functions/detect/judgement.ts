/**
 * The judgement on a window of a service: rules and models together, with what explains it. Pure. Also how it is shown:
 * as a message on the topic of verdicts, and as the explanation that rows carry.
 */
import type { ServiceWindow, Usual } from '../../models/features.ts';
import { type Severity, severityName } from '../parse/severity.ts';
import type { ServiceStats } from '../service-stats.ts';
import { hash } from '../window/window-id.ts';
import { HORIZON_MS, type WindowsAnswer } from './model-answer.ts';
import { modelFindings } from './model-rules.ts';
import {
  type Finding,
  scoreOf,
  severityOf,
  TROUBLE_SCORE,
  type VerdictMessage,
  type VerdictSeverity,
} from './verdict.ts';

/** What is judged, and what it is judged by. */
export interface Evidence {
  readonly job: string;
  readonly service: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly revision: number;
  readonly incomplete: boolean;
  /** Made of old data on purpose: judged, and nobody is told. */
  readonly backfill: boolean;
  readonly row: ServiceWindow;
  readonly usual: Usual | null;
  readonly features: readonly number[];
  /** null: the service said nothing. */
  readonly stats: ServiceStats | null;
  readonly ruleFindings: readonly Finding[];
  /** Patterns that the service never showed before, with their errors. */
  readonly fresh: readonly (readonly [patternId: string, entries: number])[];
  /** null: the models did not answer. */
  readonly answer: WindowsAnswer | null;
  readonly modelVersion: string | null;
  /** What patterns of errors are called. */
  readonly categories: Readonly<Record<string, string>>;
  /** The verdict on the newest window before, if there was one. */
  readonly before: VerdictSeverity | null;
  /** A verdict of the last minutes was not ok. */
  readonly recentlyBad: boolean;
}

export interface Judgement extends Evidence {
  readonly score: number;
  readonly severity: VerdictSeverity;
  /** Of rules and models, the strongest first. */
  readonly findings: readonly Finding[];
  readonly decidedBy: 'model' | 'fallback';
  readonly recovered: boolean;
  readonly category: string | null;
}

/** What these say, they say of many windows. */
const LASTING: ReadonlySet<Finding['rule']> = new Set(['silence', 'degradation']);
/** The highest score that calls nobody. */
export const NO_TROUBLE = TROUBLE_SCORE - 0.01;
/** The lowest score that is beyond doubt. */
const PLAIN = 0.9;

/**
 * One odd window of a service that the failure predictor finds well is no trouble yet: chance makes one of thousands
 * look so to a rule, and to the forest, which sees the same window. The next one is, if it is odd too.
 */
function scoreOfWindow(findings: readonly Finding[], { answer, before }: Evidence): number {
  const score = scoreOf(findings);
  const isUsual = answer !== null && !answer.failing;
  const isDoubted = isUsual && (before === null || before === 'ok') && score < PLAIN;
  return isDoubted && !findings.some(({ rule }) => LASTING.has(rule)) ? Math.min(score, NO_TROUBLE) : score;
}

export function judge(evidence: Evidence): Judgement {
  const { ruleFindings, answer, before } = evidence;
  const fromModels = answer === null ? [] : modelFindings(answer);
  const findings = [...ruleFindings, ...fromModels].sort((a, b) => b.weight - a.weight);
  const score = scoreOfWindow(findings, evidence);
  const severity = severityOf(score);
  return {
    ...evidence,
    findings,
    score,
    severity,
    decidedBy: answer === null ? 'fallback' : 'model',
    recovered: severity === 'ok' && before !== null && before !== 'ok',
    category: severity === 'ok' ? null : categoryOf(evidence),
  };
}

/** Whether the topic of verdicts is told: of trouble, and for a while after it that there is none. */
export const isTold = ({ severity, recentlyBad, backfill }: Judgement): boolean =>
  !backfill && (severity !== 'ok' || recentlyBad);

/** The category of most errors, unless it is normal. */
function categoryOf({ stats, categories }: Evidence): string | null {
  const counts = new Map<string, number>();
  for (const [id, entries] of stats?.errorPatterns ?? []) {
    const category = categories[id];
    if (category !== undefined && category !== 'normal')
      counts.set(category, (counts.get(category) ?? 0) + entries);
  }
  return [...counts].sort(([a, i], [b, k]) => k - i || (a < b ? -1 : 1))[0]?.[0] ?? null;
}

interface Measure {
  readonly name: string;
  readonly unit: 'entries' | 'share' | 'ms' | 'users';
  readonly now: number | null;
  readonly usual: number | null;
}

/** The window in numbers, each beside what is usual. */
export function measuresOf({ row, usual }: Pick<Evidence, 'row' | 'usual'>): Measure[] {
  const share = (count: number): number | null => (row.entries === 0 ? null : count / row.entries);
  const measure = (
    name: string,
    unit: Measure['unit'],
    now: number | null,
    before: number | null | undefined,
  ) => ({
    ...{ name, unit, now: rounded(now), usual: rounded(before ?? null) },
  });
  return [
    measure('entries', 'entries', row.entries, usual?.entries),
    measure('error_rate', 'share', share(row.errors), usual?.errorRate),
    measure('warning_rate', 'share', share(row.warning_count), usual?.warningRate),
    measure('http_5xx_rate', 'share', share(row.http_5xx), usual?.http5xxRate),
    measure('latency_mean', 'ms', row.latency_mean_ms, usual?.latencyMeanMs),
    measure('latency_p50', 'ms', row.latency_p50_ms, usual?.latencyP50Ms),
    measure('latency_p99', 'ms', row.latency_p99_ms, usual?.latencyP99Ms),
    measure('users', 'users', row.distinct_users, usual?.users),
    measure('new_pattern_errors', 'entries', row.new_pattern_errors, 0),
  ];
}

const TOP_PATTERNS = 5;

function patternsOf({ stats, fresh, categories }: Evidence): VerdictMessage['patterns'] {
  const newOnes = new Set(fresh.map(([id]) => id));
  const errors = stats?.errorPatterns ?? [];
  // What is new comes first, also when it is rare.
  const shown = [...errors.filter(([id]) => newOnes.has(id)), ...errors.filter(([id]) => !newOnes.has(id))];
  return (errors.length > 0 ? shown : (stats?.topPatterns ?? []))
    .slice(0, TOP_PATTERNS)
    .map(([patternId, entries]) => ({
      ...{ patternId, entries, isNew: newOnes.has(patternId) },
      category: categories[patternId] ?? null,
    }));
}

const samplesOf = ({ stats }: Evidence): VerdictMessage['samples'] =>
  (stats?.samples ?? []).map(({ timestamp, severity, message, patternId, traceId }) => ({
    time: new Date(timestamp / 1000).toISOString(),
    severity: severityName(severity as Severity),
    // Half a character is no JSON to everybody.
    message: message.replace(/\p{Surrogate}/gu, '\ufffd'),
    patternId: patternId === '' ? null : patternId,
    traceId: traceId === '' ? null : traceId,
  }));

/** Identity of the verdict on a window at a revision. */
export const verdictId = ({ job, service, startMs, revision }: Evidence): string =>
  hash(`verdict\n${job}\n${service}\n${startMs}\n${revision}`);

/** The verdict as the topic carries it. */
export function messageOf(judgement: Judgement, judgedAtMs: number): VerdictMessage {
  const { job, service, startMs, endMs, revision, incomplete, severity, score, answer } = judgement;
  const samples = samplesOf(judgement);
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    version: 1,
    id: verdictId(judgement),
    ...{ job, service, severity, score },
    window: { start: iso(startMs), end: iso(endMs), revision, incomplete },
    judgedAt: iso(judgedAtMs),
    recovered: judgement.recovered,
    decidedBy: judgement.decidedBy,
    models: {
      version: judgement.modelVersion,
      failureProbability: rounded(answer?.failure ?? null),
      horizonMs: HORIZON_MS,
      anomalyScore: rounded(answer?.anomaly ?? null),
      anomalyReasons: [...(answer?.reasons ?? [])],
    },
    findings: judgement.findings.map(shown),
    summary: summaryOf(judgement),
    category: judgement.category,
    measures: measuresOf(judgement),
    patterns: patternsOf(judgement),
    samples,
    traceIds: [...new Set(samples.flatMap(({ traceId }) => traceId ?? []))],
  };
}

/** The explanation of a verdict as rows carry it; the text of a JSON object. */
export function explanationOf(judgement: Judgement): string {
  const isQuiet = judgement.severity === 'ok';
  return JSON.stringify({
    summary: summaryOf(judgement),
    findings: judgement.findings.map(shown),
    ...(isQuiet
      ? {}
      : {
          measures: measuresOf(judgement),
          patterns: patternsOf(judgement),
          samples: samplesOf(judgement),
        }),
  });
}

const shown = (finding: Finding) => ({
  ...finding,
  weight: rounded(finding.weight),
  now: rounded(finding.now),
  usual: rounded(finding.usual),
});

/** One sentence: the strongest findings. */
export function summaryOf({ service, findings }: Pick<Judgement, 'service' | 'findings'>): string {
  if (findings.length === 0) return `${service}: as usual`;
  return `${service}: ${findings
    .slice(0, 3)
    .map(({ summary }) => summary)
    .join('; ')}`;
}

function rounded(value: number): number;
function rounded(value: number | null): number | null;
function rounded(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(5));
}

/**
 * Stage alert, all rules about one service: takes in an observation (or a tick) and says what changed. Pure; the state
 * is plain data that goes into one Firestore document.
 */
import { createHash } from 'node:crypto';
import { type Evidence, NO_EVIDENCE, type Observation } from './observation.ts';
import { type AlertState, advance, idle, type Seen, type Transition } from './policy.ts';
import { type AlertConfig, tierOf } from './rules/config.ts';
import { breachOf, concerns } from './rules/evaluate.ts';
import type { Rule, Severity } from './rules/rule.ts';
import { type Silence, silencedBy } from './silence.ts';

export interface Watched {
  readonly state: AlertState;
  /** Of the last window that broke the rule. */
  readonly evidence: Evidence;
}

export interface ServiceState {
  readonly service: string;
  readonly newestEndMs: number;
  /** By rule; rules about which there is nothing to remember are left out. */
  readonly alerts: Readonly<Record<string, Watched>>;
}

/** A transition with all that grouping and messages need to know of the alert. */
export interface Change extends Transition {
  /** The same for each breach of one rule by one service. */
  readonly fingerprint: string;
  readonly alertId: string;
  readonly rule: string;
  readonly signal: Rule['signal'];
  readonly service: string;
  readonly severity: Severity;
  readonly startedAtMs: number;
  readonly atMs: number;
  readonly value: number;
  readonly usual: number | null;
  readonly evidence: Evidence;
}

export interface ServiceContext {
  readonly config: AlertConfig;
  readonly silences: readonly Silence[];
  readonly nowMs: number;
}

export interface Observed {
  readonly state: ServiceState;
  readonly changes: readonly Change[];
}

export const newService = (service: string): ServiceState => ({
  service,
  newestEndMs: 0,
  alerts: {},
});

/** Takes in a window. One that ended too long ago, as of a backfill, is passed over. */
export function observe(state: ServiceState, observation: Observation, context: ServiceContext): Observed {
  const { config, nowMs } = context;
  if (nowMs - observation.endMs > config.oldest) return { state, changes: [] };
  const newestEndMs = Math.max(state.newestEndMs, observation.endMs);
  return judge({ ...state, newestEndMs }, state.newestEndMs, observation, context);
}

/** Lets the clock decide what it may: recovery, no data, the end of a silence. */
export const tick = (state: ServiceState, context: ServiceContext): Observed =>
  judge(state, state.newestEndMs, null, context);

/** Whether there is anything that a tick could change. */
export const isActive = (state: ServiceState): boolean =>
  Object.values(state.alerts).some((watched) => watched.state.phase !== 'ok');

/** The identity of a rule about a service. */
export const fingerprintOf = (rule: string, service: string): string =>
  createHash('sha256').update(`${rule}\0${service}`).digest('hex').slice(0, 16);

function judge(
  state: ServiceState,
  knownUntilMs: number,
  observation: Observation | null,
  context: ServiceContext,
): Observed {
  const changes: Change[] = [];
  let alerts: Record<string, Watched> | null = null;
  for (const rule of context.config.rules) {
    const watched = state.alerts[rule.name];
    if (!concerns(rule, state.service)) continue;
    const window = observation === null ? null : seenBy(rule, observation);
    // By far the most frequent case: nothing was wrong, and nothing is.
    if (watched === undefined && (window === null || window.breach === 0)) continue;
    const next = judgeRule(state, rule, watched, { window, knownUntilMs, observation }, context);
    if (next.watched === watched) continue;
    alerts ??= { ...state.alerts };
    if (isForgettable(next.watched)) delete alerts[rule.name];
    else alerts[rule.name] = next.watched;
    changes.push(...next.changes);
  }
  return { state: alerts === null ? state : { ...state, alerts }, changes };
}

interface Input {
  readonly window: Seen | null;
  readonly knownUntilMs: number;
  readonly observation: Observation | null;
}

function judgeRule(
  { service }: ServiceState,
  rule: Rule,
  watched: Watched | undefined,
  { window, knownUntilMs, observation }: Input,
  { config, silences, nowMs }: ServiceContext,
): { readonly watched: Watched; readonly changes: readonly Change[] } {
  const tier = tierOf(service, config);
  const severity = rule.severity[tier];
  const labels = { service, rule: rule.name, severity, tier };
  const { state, transitions } = advance(watched?.state ?? idle(knownUntilMs), window, {
    rule,
    nowMs,
    silencedBy: silencedBy(labels, silences, config.maintenance, nowMs),
    flapping: config.flapping,
  });
  const broke = window !== null && window.breach > 0 && observation !== null;
  const evidence = broke
    ? joined(observation.evidence, watched?.evidence)
    : (watched?.evidence ?? NO_EVIDENCE);
  if (watched !== undefined && state === watched.state && evidence === watched.evidence)
    return { watched, changes: [] };
  const fingerprint = fingerprintOf(rule.name, service);
  const about = {
    fingerprint,
    rule: rule.name,
    signal: rule.signal,
    service,
    severity,
    evidence,
  };
  // What is not announced has no identity yet.
  const announced = transitions.filter(({ to }) => to !== 'ok' && to !== 'pending');
  const changes = announced.map((transition): Change => {
    const { startedAtMs, worst } = state;
    const alertId = `${fingerprint}-${startedAtMs.toString(36)}`;
    return {
      ...transition,
      ...about,
      alertId,
      startedAtMs,
      atMs: nowMs,
      value: worst.value,
      usual: worst.usual,
    };
  });
  return { watched: { state, evidence }, changes };
}

/** Later windows may say less: what they do not tell stays as it was. */
function joined(now: Evidence, before: Evidence | undefined): Evidence {
  if (before === undefined) return now;
  return {
    patterns: now.patterns.length > 0 ? now.patterns : before.patterns,
    samples: now.samples.length > 0 ? now.samples : before.samples,
    traces: now.traces.length > 0 ? now.traces : before.traces,
    prediction: now.prediction ?? before.prediction,
    explanation: now.explanation || before.explanation,
  };
}

function seenBy(rule: Rule, observation: Observation): Seen | null {
  const breach = breachOf(rule, observation);
  if (breach === null) return null;
  const { startMs, endMs, revision, signals } = observation;
  const { now, usual } = signals[rule.signal]!;
  return { startMs, endMs, revision, breach, value: now, usual };
}

const isForgettable = ({ state }: Watched): boolean =>
  state.phase === 'ok' && state.run === null && state.firings.length === 0;

/**
 * The life of a retraining, as a pure decision table: the state and what is known go in, the next step comes out. Each
 * step is one call of Vertex AI or none, and is decided again from the state after a crash.
 *
 *   idle ── drift that was not raised before, or feedback; not within the cool-down ──▶ training
 *   training ── the job failed, or its models are not better ──▶ idle (refused)
 *   training ── better ──▶ uploading ──▶ deploying ──▶ canary: a tenth of the traffic
 *   canary ── alarms much more often than what serves ──▶ idle (refused, all traffic back)
 *   canary ── long enough ──▶ idle: all traffic, the models before stay deployed for a roll-back
 */
export type Phase = 'idle' | 'training' | 'uploading' | 'deploying' | 'canary';

export interface Candidate {
  readonly version: string;
  /** gs://… */
  readonly artifactUri: string;
  readonly job: string;
  /** Name of the operation under way. */
  readonly operation: string | null;
  /** Id on the endpoint. */
  readonly deployedId: string | null;
}

export interface RetrainingState {
  readonly phase: Phase;
  readonly candidate: Candidate | null;
  /** Since when it has been in the phase. */
  readonly sinceMs: number;
  readonly lastTrainingMs: number | null;
  /** What drift was last raised of: version and features. */
  readonly alarm: { readonly version: string; readonly features: readonly string[] } | null;
  /** Feedback up to then was learned from. */
  readonly feedbackUntilMs: number;
  /** On the endpoint without traffic, to go back to. */
  readonly previousId: string | null;
}

export const IDLE: RetrainingState = {
  ...{ phase: 'idle', candidate: null, sinceMs: 0, lastTrainingMs: null, alarm: null },
  ...{ feedbackUntilMs: 0, previousId: null },
};

export interface RetrainingSettings {
  /** Between the starts of two trainings. */
  readonly coolDownMs: number;
  /** How long a canary is watched. */
  readonly canaryMs: number;
  /** Labels by people that make a training, with those before counted once. */
  readonly feedbackRows: number;
}

export interface Known {
  readonly nowMs: number;
  readonly version: string;
  /** What drifted (drift.ts); empty: nothing. */
  readonly drifted: readonly string[];
  /** Windows that people labelled since `feedbackUntilMs`. */
  readonly feedback: number;
}

export type Trigger = 'drift' | 'feedback';

/** Drift of something that was not raised for this version. */
export const isNewAlarm = ({ alarm }: RetrainingState, { version, drifted }: Known): boolean =>
  drifted.length > 0 &&
  (alarm === null || alarm.version !== version || drifted.some((name) => !alarm.features.includes(name)));

/** Why to train now; null: no reason, or not yet. */
export function triggerOf(
  state: RetrainingState,
  known: Known,
  settings: RetrainingSettings,
): Trigger | null {
  if (state.phase !== 'idle') return null;
  if (state.lastTrainingMs !== null && known.nowMs - state.lastTrainingMs < settings.coolDownMs) return null;
  if (known.feedback >= settings.feedbackRows) return 'feedback';
  // Drift that is there still when the cool-down is over is a reason too: the last training did not help.
  return known.drifted.length > 0 ? 'drift' : null;
}

/** The alarm as raised now; what was raised before for the same version stays raised. */
export function raised(state: RetrainingState, { version, drifted }: Known): RetrainingState {
  if (drifted.length === 0) return state;
  const before = state.alarm?.version === version ? state.alarm.features : [];
  return { ...state, alarm: { version, features: [...new Set([...before, ...drifted])].sort() } };
}

/** What a training job writes about its models and those that serve, measured alike. All shares, 0 to 1. */
export interface Evaluation {
  readonly candidate: Scores;
  readonly serving: Scores;
}

export interface Scores {
  /** F1 of incidents on the fixed hold-out, mean of the window models. */
  readonly holdOut: number;
  /** Share of quiet windows of the hold-out that are flagged. */
  readonly falsePositives: number;
  /** Share of the windows labelled by people that are judged so; null: there are none. */
  readonly feedback: number | null;
  /** Share of the last own windows, judged to be no trouble, that are flagged; null: there are none. */
  readonly ownFalsePositives: number | null;
}

/** Noise of the hold-out: less is no difference. */
const NOISE = 0.005;
const MOST_FALSE_POSITIVES = 0.01;

/** Better: somewhere by more than noise, and nowhere worse. */
export function isBetter({ candidate, serving }: Evaluation): boolean {
  if (candidate.falsePositives > Math.max(MOST_FALSE_POSITIVES, serving.falsePositives + NOISE)) return false;
  const gains = [
    candidate.holdOut - serving.holdOut,
    (candidate.feedback ?? 0) - (serving.feedback ?? 0),
    (serving.ownFalsePositives ?? 0) - (candidate.ownFalsePositives ?? 0),
  ];
  return gains.every((gain) => gain >= -NOISE) && gains.some((gain) => gain > NOISE);
}

/** How often models alarm while both serve. */
export interface Watch {
  readonly windows: number;
  readonly positives: number;
}

/** With fewer windows nothing is known of a canary. */
const MIN_WATCHED = 50;

/** What to do with a canary: keep watching, take it, or go back. */
export function canaryVerdict(
  state: RetrainingState,
  watched: { readonly candidate: Watch; readonly serving: Watch },
  { nowMs, canaryMs }: { readonly nowMs: number; readonly canaryMs: number },
): 'watch' | 'promote' | 'roll_back' {
  const { candidate, serving } = watched;
  const rate = ({ windows, positives }: Watch): number => (windows === 0 ? 0 : positives / windows);
  if (candidate.windows >= MIN_WATCHED && rate(candidate) > 2 * rate(serving) + 0.02) return 'roll_back';
  if (nowMs - state.sinceMs < canaryMs) return 'watch';
  // Never asked, or it never answered: what was not seen is not taken.
  if (candidate.windows >= MIN_WATCHED) return 'promote';
  return nowMs - state.sinceMs > 10 * canaryMs ? 'roll_back' : 'watch';
}

import { describe, expect, it } from 'vitest';
import {
  canaryVerdict,
  IDLE,
  isBetter,
  isNewAlarm,
  type Known,
  type RetrainingState,
  raised,
  triggerOf,
} from '../../../functions/detect/retraining.ts';

const SETTINGS = { coolDownMs: 1000, canaryMs: 100, feedbackRows: 20 };
const known = (rest: Partial<Known> = {}): Known => ({
  ...{ nowMs: 5000, version: 'v1', drifted: [], feedback: 0 },
  ...rest,
});

describe('a training', () => {
  it('starts on drift, or when people labelled enough windows', () => {
    expect(triggerOf(IDLE, known(), SETTINGS)).toBeNull();
    expect(triggerOf(IDLE, known({ drifted: ['forest entries'] }), SETTINGS)).toBe('drift');
    expect(triggerOf(IDLE, known({ feedback: 19 }), SETTINGS)).toBeNull();
    expect(triggerOf(IDLE, known({ feedback: 20 }), SETTINGS)).toBe('feedback');
  });

  it('does not start within the cool-down, nor while another goes on', () => {
    const drift = known({ drifted: ['forest entries'] });
    expect(triggerOf({ ...IDLE, lastTrainingMs: 4001 }, drift, SETTINGS)).toBeNull();
    expect(triggerOf({ ...IDLE, lastTrainingMs: 4000 }, drift, SETTINGS)).toBe('drift');
    for (const phase of ['training', 'uploading', 'deploying', 'canary'] as const)
      expect(triggerOf({ ...IDLE, phase }, drift, SETTINGS)).toBeNull();
  });
});

describe('the alarm of drift', () => {
  const drift = (drifted: readonly string[], version = 'v1') => known({ drifted, version });

  it('is raised once for the same features, again for others and for other models', () => {
    const state = raised(IDLE, drift(['a', 'b']));
    expect(isNewAlarm(IDLE, drift(['a', 'b']))).toBe(true);
    expect(isNewAlarm(state, drift(['b', 'a']))).toBe(false);
    expect(isNewAlarm(state, drift(['a']))).toBe(false);
    expect(isNewAlarm(state, drift([]))).toBe(false);
    expect(isNewAlarm(state, drift(['a', 'c']))).toBe(true);
    expect(isNewAlarm(state, drift(['a'], 'v2'))).toBe(true);
  });

  it('is not raised again by a feature that comes and goes', () => {
    const state = raised(raised(raised(IDLE, drift(['a'])), drift(['b'])), drift([]));
    expect(isNewAlarm(state, drift(['a']))).toBe(false);
  });
});

describe('the models of a training', () => {
  const serving = { holdOut: 0.95, falsePositives: 0.004, feedback: 0.8, ownFalsePositives: 0.05 };

  it.each([
    ['are better on the hold-out', { holdOut: 0.96 }, true],
    ['are better by feedback', { feedback: 0.9 }, true],
    ['flag fewer of the own quiet windows', { ownFalsePositives: 0.01 }, true],
    ['flag more of the own quiet windows', { holdOut: 0.99, ownFalsePositives: 0.1 }, false],
    ['are not better', {}, false],
    ['are better by less than noise', { holdOut: 0.953 }, false],
    ['are better by feedback and worse on the hold-out', { holdOut: 0.9, feedback: 1 }, false],
    ['are better on the hold-out and worse by feedback', { holdOut: 0.99, feedback: 0.7 }, false],
    ['alarm too often', { holdOut: 0.99, falsePositives: 0.02 }, false],
  ])('that %s', (_, change, better) => {
    expect(isBetter({ serving, candidate: { ...serving, ...change } })).toBe(better);
  });

  it('are compared without feedback where there is none', () => {
    const none = { ...serving, feedback: null };
    expect(isBetter({ serving: none, candidate: { ...none, holdOut: 0.97 } })).toBe(true);
  });
});

describe('a canary', () => {
  const state: RetrainingState = { ...IDLE, phase: 'canary', sinceMs: 1000 };
  const verdict = (windows: number, positives: number, nowMs: number) =>
    canaryVerdict(
      state,
      { candidate: { windows, positives }, serving: { windows: 1000, positives: 10 } },
      { nowMs, canaryMs: 100 },
    );

  it('is watched, then taken', () => {
    expect(verdict(100, 1, 1050)).toBe('watch');
    expect(verdict(100, 1, 1100)).toBe('promote');
  });

  it('goes back at once when it alarms much more often than what serves', () => {
    expect(verdict(100, 20, 1010)).toBe('roll_back');
    expect(verdict(40, 20, 1010)).toBe('watch');
  });

  it('is not taken unseen, and not waited for without end', () => {
    expect(verdict(3, 0, 1200)).toBe('watch');
    expect(verdict(0, 0, 2001)).toBe('roll_back');
  });
});

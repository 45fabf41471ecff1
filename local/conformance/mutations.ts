/** Each rule of event time broken on purpose: a table that does not notice does not test the rule. */
import { flinkRules, type Rules } from '../../functions/stream/rules.ts';

/** A rule, broken. */
export interface Mutation {
  /** What goes wrong, for the list. */
  readonly about: string;
  readonly rules: Partial<Rules>;
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'floor-modulo': {
    about: 'window starts before the epoch or an offset are rounded towards zero',
    rules: { floorModulo: (dividend, divisor) => dividend % divisor },
  },
  'half-open': {
    about: 'the end belongs to the window',
    rules: { maxTimestamp: (window) => window.end },
  },
  'result-timestamp': {
    about: 'results carry the end of the window instead of end - 1',
    rules: { resultTimestamp: (maxTimestampMs) => maxTimestampMs + 1 },
  },
  'touching-sessions': {
    about: 'sessions merge only when they overlap',
    rules: { meets: (a, b) => a.start < b.end && b.start < a.end },
  },
  'merge-contents': {
    about: 'of merged sessions only one keeps its content',
    rules: { mergesContents: () => false },
  },
  'fire-at-end': {
    about: 'a window fires only after the watermark passed end - 1',
    rules: { isDue: (timerMs, watermarkMs) => timerMs < watermarkMs },
  },
  late: {
    about: 'an element is late only after the watermark passed end - 1 + lateness',
    rules: { isLate: (cleanupMs, watermarkMs) => cleanupMs < watermarkMs },
  },
  'late-output': {
    about: 'an element goes to the late output when any of its windows is late',
    rules: { goesToLateOutput: (taken, assigned) => taken < assigned },
  },
  'late-fires': {
    about: 'a late but allowed element does not fire its window',
    rules: { firesAtOnce: () => false },
  },
  'whole-content': {
    about: 'each firing holds only what came since the last',
    rules: { keepsContents: () => false },
  },
  purge: {
    about: 'purging keeps the content',
    rules: { purges: () => false },
  },
  'purge-window': {
    about: 'purging drops the window with its content',
    rules: { purgeKeepsWindow: () => false },
  },
  saturate: {
    about: 'sums pass the end of time and come out at the other end',
    rules: {
      addTime: (timeMs, durationMs) => Number(BigInt.asIntN(54, BigInt(timeMs) + BigInt(durationMs))),
    },
  },
  'watermark-bound': {
    about: 'watermark = highest timestamp - bound, without the - 1',
    rules: { watermarkLag: (boundMs) => boundMs },
  },
  'watermark-regress': {
    about: 'a watermark may go back',
    rules: { advance: (_currentMs, proposedMs) => proposedMs },
  },
  'combine-min': {
    about: 'several inputs: the highest watermark instead of the lowest',
    rules: { combine: (watermarksMs) => Math.max(...watermarksMs) },
  },
  'combine-idle': {
    about: 'all inputs idle: the lowest watermark instead of the highest',
    rules: { combineIdle: (watermarksMs) => Math.min(...watermarksMs) },
  },
  idle: {
    about: 'an idle input holds back the others',
    rules: { leavesOutIdle: () => false },
  },
  'idle-timeout': {
    about: 'an input is idle only after twice the timeout',
    rules: { isIdle: (quietMs, timeoutMs) => quietMs > 2 * timeoutMs },
  },
};

/** Flink's rules with one broken; null: there is no such rule. */
export function mutated(rule: string): Rules | null {
  if (!Object.hasOwn(MUTATIONS, rule)) return null;
  return { ...flinkRules, ...MUTATIONS[rule]!.rules };
}

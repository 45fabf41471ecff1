/** Does a window break a rule? Pure. */
import type { Observation, Signal } from '../observation.ts';
import { type Condition, fits, type Rule } from './rule.ts';

/** 0: no · 1: yes · 2: yes, beyond doubt. */
export type Breach = 0 | 1 | 2;

/** What a rule makes of a window; null: the window says nothing about it. */
export function breachOf(rule: Rule, observation: Observation): Breach | null {
  const signal = observation.signals[rule.signal];
  if (signal === undefined || !Number.isFinite(signal.now)) return null;
  if (!holds(rule.breach, signal, observation.entries)) return 0;
  return rule.certain !== undefined && holds(rule.certain, signal, observation.entries) ? 2 : 1;
}

/** Whether a rule looks at a service. */
export const concerns = (rule: Rule, service: string): boolean =>
  rule.enabled && rule.services.some((pattern) => fits(service, pattern));

function holds(condition: Condition, { now, usual, deviations, decided }: Signal, entries: number): boolean {
  if (condition.above !== undefined && !(now > condition.above)) return false;
  if (condition.timesUsual !== undefined && (usual === null || !(now > condition.timesUsual * usual)))
    return false;
  if (
    condition.deviations !== undefined &&
    (deviations === null || !(Math.abs(deviations) >= condition.deviations))
  )
    return false;
  if (condition.entries !== undefined && !(entries >= condition.entries)) return false;
  return condition.decided === undefined || decided === true;
}

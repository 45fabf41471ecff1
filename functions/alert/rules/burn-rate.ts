/**
 * How fast a service spends the errors that its objective allows, over a long and a short window: both must burn, so
 * that it fires soon and ends soon after the errors do. Pure; the counts come from the warehouse (health.ts), as the
 * detector tells only of windows that are not as usual.
 * Source: https://sre.google/workbook/alerting-on-slos/ (multiwindow, multi-burn-rate alerts)
 */
import type { Objective } from './config.ts';

export interface Count {
  readonly entries: number;
  readonly errors: number;
}

/** The lower of both burn rates divided by the factor that alarms: above 1 the rule breaks. */
export const burnRate = (long: Count, short: Count, { target, factor }: Objective): number =>
  Math.min(burnOf(long, target), burnOf(short, target)) / factor;

/** 1: exactly as many errors as the objective allows. */
const burnOf = ({ entries, errors }: Count, target: number): number =>
  entries === 0 ? 0 : errors / entries / (1 - target);

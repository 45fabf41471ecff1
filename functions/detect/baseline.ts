/**
 * The sliding baseline of a service: mean and spread of a measure over its windows before. Windows that were judged to
 * be in trouble are left out, so that an incident does not become what is usual while it lasts; when too few others
 * remain, the trouble is what is usual, and all count.
 */
import { MIN_HISTORY } from '../../models/features.ts';
import type { Note } from './notes.ts';
import { isTrouble } from './verdict.ts';

export interface Baseline {
  readonly mean: number;
  readonly deviation: number;
}

/** A spread below this share of the mean is taken as this: ten equal values do not make the eleventh a wonder. */
const LEAST_SPREAD = 0.05;

/** Of the mean latency in ms; null with fewer than MIN_HISTORY windows that tell one. */
export function latencyBaseline(history: readonly (Note | null)[]): Baseline | null {
  const told = history.filter((note): note is Note => note !== null && note.row.latency_mean_ms !== null);
  const calm = told.filter(({ severity }) => !isTrouble(severity));
  const counted = calm.length >= MIN_HISTORY ? calm : told;
  if (counted.length < MIN_HISTORY) return null;
  return baselineOf(counted.map(({ row }) => row.latency_mean_ms!));
}

export function baselineOf(values: readonly number[]): Baseline {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.max(Math.sqrt(variance), Math.abs(mean) * LEAST_SPREAD, 1) };
}

/** How many deviations a value lies above the mean. */
export const zScore = (value: number, { mean, deviation }: Baseline): number => (value - mean) / deviation;

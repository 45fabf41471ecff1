/** Numbers as people read them, beside what is usual. Pure, English, without a locale that differs by machine. */
import type { SignalName } from '../observation.ts';

/** 0.523 → "52 %", 0.0213 → "2.1 %". */
export const percent = (share: number): string => `${short(100 * share)} %`;

/** 80 → "80 ms", 1300 → "1.3 s". */
export const latency = (ms: number): string => (ms < 1000 ? `${short(ms)} ms` : `${short(ms / 1000)} s`);

/** 95 000 → "1 min 35 s", 7 500 000 → "2 h 5 min". */
export function length(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return together(`${Math.floor(s / 60)} min`, s % 60, 's');
  if (s < 86_400) return together(`${Math.floor(s / 3600)} h`, Math.floor((s % 3600) / 60), 'min');
  return together(`${Math.floor(s / 86_400)} d`, Math.floor((s % 86_400) / 3600), 'h');
}

const together = (first: string, rest: number, unit: string): string =>
  rest === 0 ? first : `${first} ${rest} ${unit}`;

/** 12345 → "12,345". */
export const count = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** "2026-11-21 10:15:20 UTC" */
export const moment = (ms: number): string => {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return 'at an unknown time';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};

/** "10:15:20" */
export const timeOfDay = (ms: number): string => moment(ms).slice(11, 19);

const short = (value: number): string => (Math.abs(value) < 9.95 ? value.toFixed(1) : count(value));

const usually = (usual: number | null, shown: (value: number) => string): string =>
  usual === null ? '' : ` (usually ${shown(usual)})`;

type Sentence = (now: number, usual: number | null) => string;

const SENTENCES: Readonly<Record<SignalName, Sentence>> = {
  error_rate: (now, usual) => `${percent(now)} errors${usually(usual, percent)}`,
  latency: (now, usual) => `mean latency ${latency(now)}${usually(usual, latency)}`,
  degradation: (now) => `degrading: several weak signs of trouble in each of ${count(now)} windows`,
  silence: (_, usual) =>
    `silent${usual === null ? '' : `, where ${count(usual)} entries a window are usual`}`,
  new_pattern: (now) => `${count(now)} ${now === 1 ? 'error' : 'errors'} of a pattern never seen before`,
  anomaly: (now) => `unusual windows (score ${now.toFixed(2)})`,
  failure: (now) => `a failure is predicted with probability ${now.toFixed(2)}`,
  burn_rate: (now) => `error budget burns ${short(now)} times as fast as may be`,
  lag: (now) => `windows come ${length(now)} late`,
  dead_letters: (now) => `${count(now)} records could not be parsed in 5 minutes`,
  failed_writes: (now) => `${count(now)} rows could not be written in 5 minutes`,
  model_fallback: (now) => `the models did not answer for ${percent(now)} of the windows; rules decided`,
};

/** What was measured, in words: "52 % errors (usually 2.1 %)". */
export const sentence = (signal: SignalName, now: number, usual: number | null): string =>
  SENTENCES[signal](now, usual);

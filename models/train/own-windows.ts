/** Windows of the services themselves (functions/detect/own-windows.ts) as training and measuring take them. Pure. */
import type { OwnWindow } from '../../functions/detect/own-windows.ts';
import { hash } from '../../functions/window/window-id.ts';
import { FEATURES, SEQUENCE } from '../features.ts';
import type { LabelledWindow } from './labels.ts';

/** What a person said weighs as much as so many other windows. */
const WEIGHT = 5;
/** Of the time that is covered, the last part is not learned from, but measured on. */
const LEARNED = 0.7;
/** Of what people spoke of, one in so many hours of a service is not learned from, but measured on. */
const HOLD_OUT_EVERY = 4;
const HOUR_MS = 3_600_000;

export interface OwnParts {
  readonly train: readonly LabelledWindow[];
  /** Of the last part, those that are no trouble. */
  readonly quiet: readonly LabelledWindow[];
  /** The last part, and what people spoke of and was not learned. */
  readonly measured: { readonly quiet: readonly LabelledWindow[]; readonly said: readonly LabelledWindow[] };
}

/**
 * Splits by time; what people spoke of by hours of a service, so that windows of one incident are on one side. With
 * labels of one hour alone all are learned, and nothing is measured by them.
 */
export function split(windows: readonly OwnWindow[]): OwnParts {
  const starts = windows.map(({ startMs }) => startMs).sort((a, b) => a - b);
  const cutMs = starts[Math.floor(starts.length * LEARNED)] ?? 0;
  const heldOut = heldOutHours(windows);
  const isHeldOut = (window: OwnWindow): boolean => heldOut.has(hourOf(window));
  const train = windows.flatMap((window) => {
    if (isHeldOut(window)) return [];
    const made = labelledWindow(window);
    if (window.said) return new Array<LabelledWindow>(WEIGHT).fill(made);
    return window.startMs < cutMs ? [made] : [];
  });
  const quiet = windows
    .filter(({ startMs, label, said }) => startMs >= cutMs && label === 0 && !said)
    .map(labelledWindow);
  const said = windows.filter((window) => window.said && isHeldOut(window)).map(labelledWindow);
  return { train, quiet, measured: { quiet, said } };
}

const hourOf = ({ service, startMs }: OwnWindow): string => `${Math.floor(startMs / HOUR_MS)} ${service}`;

/** An hour is held out or not whatever else was labelled, so that later trainings do not learn it; at least one of two. */
function heldOutHours(windows: readonly OwnWindow[]): ReadonlySet<string> {
  const order = [...new Set(windows.filter(({ said }) => said).map(hourOf))]
    .map((hour) => ({ hour, at: Number.parseInt(hash(hour).slice(0, 8), 16) }))
    .sort((a, b) => a.at - b.at);
  if (order.length < 2) return new Set();
  const chosen = order.filter(({ at }) => at % HOLD_OUT_EVERY === 0);
  const some = chosen.length === 0 ? order.slice(0, 1) : chosen;
  return new Set((some.length === order.length ? some.slice(1) : some).map(({ hour }) => hour));
}

export function labelledWindow({ service, startMs, label, sequence }: OwnWindow): LabelledWindow {
  const values = new Float32Array(SEQUENCE * FEATURES.length);
  const first = SEQUENCE - sequence.length;
  for (const [step, features] of sequence.entries()) values.set(features, (first + step) * FEATURES.length);
  return {
    ...{ service, startMs, label, strict: label, trouble: null },
    features: values.slice((SEQUENCE - 1) * FEATURES.length),
    sequence: values,
  };
}

/** Windows of the services themselves (functions/detect/own-windows.ts) as training and measuring take them. Pure. */
import type { OwnWindow } from '../../functions/detect/own-windows.ts';
import { FEATURES, SEQUENCE } from '../features.ts';
import type { LabelledWindow } from './labels.ts';

/** What a person said weighs as much as so many other windows. */
const WEIGHT = 5;
/** Of the time that is covered, the last part is not learned from, but measured on. */
const LEARNED = 0.7;

export interface OwnParts {
  readonly train: readonly LabelledWindow[];
  /** Of the last part, those that are no trouble. */
  readonly quiet: readonly LabelledWindow[];
  /** The last part, and all that people spoke of. */
  readonly measured: { readonly quiet: readonly LabelledWindow[]; readonly said: readonly LabelledWindow[] };
}

/** Splits by time. Of what people spoke of all is learned; it is measured on as well, which says what was understood. */
export function split(windows: readonly OwnWindow[]): OwnParts {
  const starts = windows.map(({ startMs }) => startMs).sort((a, b) => a - b);
  const cutMs = starts[Math.floor(starts.length * LEARNED)] ?? 0;
  const labelled = windows.map((window) => ({ window, made: labelledWindow(window) }));
  const train = labelled.flatMap(({ window, made }) =>
    window.said ? new Array<LabelledWindow>(WEIGHT).fill(made) : window.startMs < cutMs ? [made] : [],
  );
  const quiet = labelled
    .filter(({ window }) => window.startMs >= cutMs && window.label === 0)
    .map(({ made }) => made);
  const said = labelled.filter(({ window }) => window.said).map(({ made }) => made);
  return { train, quiet, measured: { quiet, said } };
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

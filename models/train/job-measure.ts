/**
 * Two sets of models measured alike: on a fixed hold-out of the generator's logs, on quiet windows of the services
 * themselves that the candidate did not learn, and on what people said and it did not learn.
 */
import type { Evaluation, Scores } from '../../functions/detect/retraining.ts';
import { readArtifacts } from '../artifact.ts';
import { evaluationWindows, measureWindows } from '../evaluate/artifacts.ts';
import { loadPredictor, type WindowsPrediction } from '../serving/predictor.ts';
import type { LabelledWindow } from './labels.ts';
import type { OwnParts } from './own-windows.ts';

export type { OwnWindow } from '../../functions/detect/own-windows.ts';

/** No training uses it. */
const HOLD_OUT_SEED = 77_001;

export interface MeasureOptions {
  readonly report: (line: string) => void;
  /** Below 1: a shorter hold-out, for a trial. */
  readonly scale: number;
}

export async function measureSets(
  dirs: { readonly candidate: string; readonly serving: string },
  own: OwnParts['measured'],
  options: MeasureOptions,
): Promise<Evaluation> {
  const holdOut = evaluationWindows({ seed: HOLD_OUT_SEED, ...options });
  return {
    candidate: await measureSet(dirs.candidate, holdOut, own),
    serving: await measureSet(dirs.serving, holdOut, own),
  };
}

async function measureSet(
  artifactsDir: string,
  holdOut: readonly LabelledWindow[],
  own: OwnParts['measured'],
): Promise<Scores> {
  const set = await readArtifacts(artifactsDir);
  const [lstm] = await measureWindows('lstm', set, holdOut);
  const [forest] = await measureWindows('forest', set, holdOut);
  const f1 = [lstm, forest].map((measured) => measured?.values.incidentF1 ?? 0);
  const predictor = await loadPredictor(artifactsDir);
  try {
    const failing = async (windows: readonly LabelledWindow[]): Promise<boolean[]> => {
      const instances = windows.map(({ service, sequence: values }) => ({
        ...{ kind: 'windows' as const, service, values },
      }));
      return ((await predictor.predict(instances)) as WindowsPrediction[]).map((one) => one.failing);
    };
    const [quiet, said] = [await failing(own.quiet), await failing(own.said)];
    const right = said.filter((flagged, i) => flagged === (own.said[i]!.label === 1));
    return {
      holdOut: (f1[0]! + f1[1]!) / 2,
      falsePositives: lstm?.values.falsePositiveRate ?? 0,
      feedback: said.length === 0 ? null : right.length / said.length,
      ownFalsePositives: quiet.length === 0 ? null : quiet.filter(Boolean).length / quiet.length,
    };
  } finally {
    await predictor.close();
  }
}

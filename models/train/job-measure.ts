/**
 * Two sets of models measured alike: on a fixed hold-out of the generator's logs, on quiet windows of the services
 * themselves that neither learned, and on what people said.
 */
import type { Evaluation, Scores } from '../../functions/detect/retraining.ts';
import { evaluateArtifacts } from '../evaluate/artifacts.ts';
import { loadPredictor, type WindowsPrediction } from '../serving/predictor.ts';
import type { LabelledWindow } from './labels.ts';
import type { OwnParts } from './own-windows.ts';

export type { OwnWindow } from '../../functions/detect/own-windows.ts';

/** No training uses it. */
const HOLD_OUT_SEED = 77_001;

export async function measureSets(
  dirs: { readonly candidate: string; readonly serving: string },
  own: OwnParts['measured'],
  report: (line: string) => void,
): Promise<Evaluation> {
  return {
    candidate: await measureSet(dirs.candidate, own, report),
    serving: await measureSet(dirs.serving, own, report),
  };
}

async function measureSet(
  artifactsDir: string,
  own: OwnParts['measured'],
  report: (line: string) => void,
): Promise<Scores> {
  const options = { seed: HOLD_OUT_SEED, artifactsDir, report };
  const [lstm] = await evaluateArtifacts('lstm', options);
  const [forest] = await evaluateArtifacts('forest', options);
  const of = (name: string): number => ((lstm?.values[name] ?? 0) + (forest?.values[name] ?? 0)) / 2;
  const predictor = await loadPredictor(artifactsDir);
  try {
    const ask = async (windows: readonly LabelledWindow[]): Promise<WindowsPrediction[]> =>
      (await predictor.predict(
        windows.map(({ service, sequence }) => ({ kind: 'windows', service, values: sequence })),
      )) as WindowsPrediction[];
    const quiet = await ask(own.quiet);
    const said = await ask(own.said);
    const right = said.filter(({ failing }, i) => failing === (own.said[i]!.label === 1)).length;
    const flagged = quiet.filter(({ failing }) => failing).length;
    return {
      holdOut: of('incidentF1'),
      falsePositives: lstm?.values.falsePositiveRate ?? 0,
      feedback: said.length === 0 ? null : right / said.length,
      ownFalsePositives: quiet.length === 0 ? null : flagged / quiet.length,
    };
  } finally {
    await predictor.close();
  }
}

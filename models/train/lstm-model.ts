/** Trains and measures the failure predictor. */
import { type Bin, reliability } from '../evaluate/measures.ts';
import { reportWindows } from '../evaluate/windows.ts';
import type { Random } from '../graph/random.ts';
import { openSession } from '../graph/runtime.ts';
import { PREDICTOR } from '../lstm/network.ts';
import { predict, type Sequences, trainPredictor } from '../lstm/training.ts';
import type { Measured, ModelCard } from './card.ts';
import { quietThreshold } from './forest-model.ts';
import type { LabelledWindow } from './labels.ts';
import { changeScore, WINDOW_BASELINE } from './window-baseline.ts';
import type { WindowData } from './window-data.ts';

/** The baseline may flag so many times as many quiet windows: at the LSTM's own share it would find next to nothing. */
const BASELINE_LENIENCY = 5;

export interface TrainedLstm {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly threshold: number;
  /** The simple baseline's threshold. */
  readonly baseline: number;
  readonly metrics: readonly Measured[];
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly reliability: NonNullable<ModelCard['reliability']>;
}

export interface LstmTraining {
  readonly random: Random;
  readonly epochs: number;
  readonly falsePositiveRate: number;
  readonly progress: (epoch: number, loss: number, validationLoss: number) => void;
}

export async function trainLstmModel(data: WindowData, options: LstmTraining): Promise<TrainedLstm> {
  const { falsePositiveRate } = options;
  const trained = await trainPredictor({
    train: sequencesOf(data.train),
    validation: sequencesOf(data.validation),
    ...options,
  });
  const session = await openSession(trained.model, { threads: 2 });
  const score = (windows: readonly LabelledWindow[]): Promise<Float32Array> =>
    predict(
      session,
      windows.map(({ sequence }) => sequence),
    );
  const threshold = quietThreshold(data.ordinary, await score(data.ordinary), falsePositiveRate);
  const allowed = BASELINE_LENIENCY * falsePositiveRate;
  const baseline = quietThreshold(data.ordinary, data.ordinary.map(changeScore), allowed);
  const scores = await score(data.test);
  return {
    files: new Map([['lstm.onnx', trained.model]]),
    threshold,
    baseline,
    metrics: [
      lstmMeasure('LSTM', data.test, scores, threshold),
      lstmMeasure(WINDOW_BASELINE, data.test, data.test.map(changeScore), baseline),
    ],
    parameters: {
      architecture: `LSTM(${PREDICTOR.units}), dropout 0.2, dense ${PREDICTOR.dense} ReLU, dense 1 sigmoid`,
      epochsRun: trained.epochs.run,
      epochKept: trained.epochs.kept,
      threshold,
      falsePositiveRate,
    },
    reliability: reliabilityOf(data.test, scores),
  };
}

/** How probabilities came true, where the truth is clear. */
export function reliabilityOf(windows: readonly LabelledWindow[], probabilities: ArrayLike<number>): Bin[] {
  const clear = windows.flatMap(({ label }, at) => (label === null ? [] : [at]));
  return reliability(
    clear.map((at) => windows[at]!.label!),
    clear.map((at) => probabilities[at]!),
  );
}

function sequencesOf(windows: readonly LabelledWindow[]): Sequences {
  const clear = windows.filter(({ label }) => label !== null);
  return { values: clear.map(({ sequence }) => sequence), labels: clear.map(({ label }) => label!) };
}

/** Measures scores that look ahead. */
export function lstmMeasure(
  by: string,
  all: readonly LabelledWindow[],
  scores: ArrayLike<number>,
  threshold: number,
): Measured {
  const { windows, strictAccuracy, incidents, lead } = reportWindows(all, scores, threshold);
  const values = {
    accuracy: windows.accuracy,
    strictAccuracy,
    precision: windows.precision,
    recall: windows.recall,
    f1: windows.f1,
    falsePositiveRate: windows.falsePositiveRate,
    areaUnderCurve: windows.areaUnderCurve,
    prevalence: windows.prevalence,
    windows: windows.count,
    incidents: incidents.incidents,
    incidentsDetected: incidents.detected,
    falseAlarms: incidents.falseAlarms,
    incidentF1: incidents.f1,
    announced: lead.announced,
    flaggedAhead: lead.ahead,
    medianLeadSeconds: lead.medianSeconds,
    ...Object.fromEntries(Object.entries(lead.byKind).map(([kind, seconds]) => [`lead ${kind}`, seconds])),
  };
  const told = Object.entries(values).filter(([, value]) => Number.isFinite(value));
  return {
    on: 'windows with an incident now or within five minutes, or none',
    by,
    values: Object.fromEntries(told),
  };
}

/** What ordinary windows look like, and how the models score them: later windows are compared with it (drift). */
import { FEATURES } from '../features.ts';
import { createScorer } from '../forest/score.ts';
import { decodeForest } from '../forest/stored.ts';
import { openSession } from '../graph/runtime.ts';
import { predict } from '../lstm/training.ts';
import type { LabelledWindow } from './labels.ts';
import { rowsOf, sample, type WindowData } from './window-data.ts';

/** Values of each feature, and scores of each model, of the same windows. */
export interface Reference {
  readonly features: Readonly<Record<string, readonly number[]>>;
  readonly scores: Readonly<Record<'forest' | 'lstm', readonly number[]>>;
}

const SIZE = 500;

const rounded = (value: number): number => Number(value.toPrecision(5));

export async function referenceOf(
  data: WindowData,
  files: ReadonlyMap<string, Uint8Array>,
  seed: number,
): Promise<Reference> {
  const windows = sample(data.ordinary, SIZE, seed);
  return {
    features: Object.fromEntries(
      FEATURES.map((name, column) => [name, windows.map(({ features }) => rounded(features[column]!))]),
    ),
    scores: {
      forest: Array.from(forestScores(files, windows), rounded),
      lstm: Array.from(await lstmScores(files, windows), rounded),
    },
  };
}

function forestScores(
  files: ReadonlyMap<string, Uint8Array>,
  windows: readonly LabelledWindow[],
): Float32Array {
  const stored: unknown = JSON.parse(Buffer.from(files.get('forest.json')!).toString('utf8'));
  return createScorer(decodeForest(stored)).score(rowsOf(windows));
}

async function lstmScores(
  files: ReadonlyMap<string, Uint8Array>,
  windows: readonly LabelledWindow[],
): Promise<Float32Array> {
  const session = await openSession(files.get('lstm.onnx')!);
  const scores = await predict(
    session,
    windows.map(({ sequence }) => sequence),
  );
  await session.release();
  return scores;
}

/**
 * Windows of the services themselves, as training takes them beside the generator's: features as the models saw them,
 * and a label: what people said, or else that a window which was not judged to be trouble is none. Pure.
 */
import { z } from 'zod';
import { FEATURES, SEQUENCE } from '../../models/features.ts';
import { windowKey } from './feedback.ts';

/** A row of the query of a day's windows. */
export interface SeenWindow {
  readonly service: string;
  readonly start_ms: number;
  /** Text of the explanation of the forest's row, which has the features. */
  readonly explanation: string;
  /** The verdict was trouble. */
  readonly positive: boolean;
}

/** A window with the nineteen before it. */
export interface OwnWindow {
  readonly service: string;
  readonly startMs: number;
  readonly label: 0 | 1;
  /** A person said so. */
  readonly said: boolean;
  /** SEQUENCE × FEATURES, oldest first; what is missing at the front is left out. */
  readonly sequence: readonly (readonly number[])[];
}

const explanation = z.object({ features: z.record(z.string(), z.number()) });

/** A gap of more than this many windows begins a new history. */
const MAX_GAP = 2;

export function ownWindows(
  rows: readonly SeenWindow[],
  labels: ReadonlyMap<string, 0 | 1>,
  { windowSizeMs, most }: { readonly windowSizeMs: number; readonly most: number },
): OwnWindow[] {
  const sorted = [...rows].sort((a, b) =>
    a.service === b.service ? a.start_ms - b.start_ms : a.service < b.service ? -1 : 1,
  );
  const windows: OwnWindow[] = [];
  let history: number[][] = [];
  let before: SeenWindow | null = null;
  for (const row of sorted) {
    const isNext =
      before?.service === row.service && row.start_ms - before.start_ms <= MAX_GAP * windowSizeMs;
    if (!isNext) history = [];
    before = row;
    const features = featuresIn(row.explanation);
    if (features === null) continue;
    history = [...history.slice(1 - SEQUENCE), features];
    const said = labels.get(windowKey(row.service, row.start_ms));
    // Trouble that nobody confirmed teaches nothing.
    if (said === undefined && row.positive) continue;
    const label = said ?? 0;
    windows.push({
      ...{ service: row.service, startMs: row.start_ms, label },
      ...{ said: said !== undefined, sequence: history },
    });
  }
  return thinned(windows, most);
}

/** All that people spoke of, and of the others every so many-th. */
function thinned(windows: readonly OwnWindow[], most: number): OwnWindow[] {
  const others = windows.filter(({ said }) => !said);
  const step = Math.max(1, Math.ceil(others.length / most));
  const kept = new Set(others.filter((_, i) => i % step === 0));
  return windows.filter((window) => window.said || kept.has(window));
}

function featuresIn(text: string): number[] | null {
  try {
    const { features } = explanation.parse(JSON.parse(text));
    const values = FEATURES.map((name) => features[name]);
    return values.every((value) => value !== undefined) ? values : null;
  } catch {
    return null;
  }
}

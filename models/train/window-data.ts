/** The windows that the forest and the predictor learn from and are measured on, made once for both. */
import { FEATURES } from '../features.ts';
import { createRandom } from '../graph/random.ts';
import { type LabelledWindow, labelledWindows } from './labels.ts';
import { type Scenarios, scenariosOf } from './scenarios.ts';
import { type Scenario, simulate } from './simulation.ts';

export interface WindowData {
  readonly train: readonly LabelledWindow[];
  readonly validation: readonly LabelledWindow[];
  readonly test: readonly LabelledWindow[];
  /** Windows of validation days as the generator has them by itself: what an ordinary day looks like. */
  readonly ordinary: readonly LabelledWindow[];
  /** In words, for the cards. */
  readonly description: readonly string[];
}

export function windowData(
  seed: number,
  { scale, report }: { scale: number; report: (line: string) => void },
): WindowData {
  const scenarios = scenariosOf(seed, scale);
  const play = (part: keyof Scenarios): LabelledWindow[][] =>
    scenarios[part].map((scenario, index) => {
      const windows = simulate(scenario).flatMap(labelledWindows);
      report(`${part} scenario ${index + 1} of ${scenarios[part].length}: ${windows.length} windows`);
      return windows;
    });
  const [train, validation, test] = [play('train'), play('validation'), play('test')];
  const isOrdinary = (_: unknown, index: number): boolean => scenarios.validation[index]!.incidentEveryMs > 0;
  return {
    train: train.flat(),
    validation: validation.flat(),
    test: test.flat(),
    ordinary: validation.filter(isOrdinary).flat(),
    description: (['train', 'validation', 'test'] as const).map((part) => describe(part, scenarios[part])),
  };
}

function describe(part: string, scenarios: readonly Scenario[]): string {
  const each = scenarios.map(({ seed, rate, services, durationMs, incidentEveryMs }) => {
    const count = typeof services === 'number' ? services : services.length;
    const days = incidentEveryMs > 0 ? 'ordinary' : 'busy with incidents';
    return `seed ${seed}, ${count} services, ${rate} lines/s, ${(durationMs / 3_600_000).toFixed(1)} h, ${days}`;
  });
  return `${part}: the generator's logs, ${each.join('; ')}`;
}

/** The features of windows, row by row. */
export function rowsOf(windows: readonly LabelledWindow[]): Float32Array {
  const rows = new Float32Array(windows.length * FEATURES.length);
  for (const [row, { features }] of windows.entries()) rows.set(features, row * FEATURES.length);
  return rows;
}

/** At most `count` of the rows, drawn by the seed. */
export function sample<T>(rows: readonly T[], count: number, seed: number): T[] {
  const order = createRandom(seed).shuffle(rows.map((_, index) => index));
  return order.slice(0, count).map((index) => rows[index]!);
}

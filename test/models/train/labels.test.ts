import { describe, expect, it } from 'vitest';
import { emptyWindow, FEATURES, SEQUENCE } from '../../../models/features.ts';
import { labelledWindows } from '../../../models/train/labels.ts';
import { scenariosOf } from '../../../models/train/scenarios.ts';
import { simulate, type Trouble, WINDOW_MS } from '../../../models/train/simulation.ts';

const START = Date.UTC(2026, 10, 20, 10);
const at = (minutes: number): number => START + minutes * 60_000;

const trouble = (overrides: Partial<Trouble>): Trouble => ({
  id: 'one',
  kind: 'cascading_failure',
  signMs: at(20),
  startMs: at(24),
  endMs: at(27),
  announced: true,
  ...overrides,
});

/** Labels by the minute at whose end a window closes. */
function labels(troubles: readonly Trouble[]): (minute: number) => 0 | 1 | null {
  const windows = Array.from({ length: 240 }, (_, index) => emptyWindow(START + index * WINDOW_MS));
  const found = labelledWindows({ service: 's', windows, troubles });
  return (minute) => found[minute * 6 - 1]!.label;
}

describe('the truth of a window', () => {
  it('is an incident near from its first sign, if it fails within five minutes, to its end', () => {
    const label = labels([trouble({})]);
    expect([10, 18, 21, 24, 26, 27].map(label)).toEqual([0, 0, 1, 1, 1, 1]);
    expect([29, 35].map(label)).toEqual([0, 0]);
    const early = labels([trouble({ signMs: at(15) })]);
    expect([17, 18, 20].map(early)).toEqual([0, 0, 1]);
  });

  it('is left open before an incident that nothing announces, and where an end falls into', () => {
    const label = labels([trouble({ signMs: at(24), announced: false })]);
    expect([18, 20, 23, 25].map(label)).toEqual([0, null, null, 1]);
    expect(labels([trouble({ endMs: at(27) - 5000 })])(27)).toBeNull();
  });
});

describe('a simulation', () => {
  const scenario = {
    seed: 3,
    rate: 20,
    services: 3,
    startMs: START,
    durationMs: 6 * 60_000,
    incidentEveryMs: 0,
    incidents: [
      { kind: 'error_burst' as const, service: 'auth', atMs: at(4), durationMs: 60_000, strength: 1 },
    ],
  };
  const timelines = simulate(scenario);

  it('has a window for every service and every ten seconds, and its errors in the incident', () => {
    expect(timelines.map(({ service }) => service)).toEqual(['api-gateway', 'auth', 'payment']);
    for (const { windows } of timelines)
      expect(windows.map((row) => row.window_start_ms)).toEqual(
        Array.from({ length: 36 }, (_, index) => START + index * WINDOW_MS),
      );
    const auth = timelines[1]!.windows;
    const share = (rows: typeof auth): number =>
      rows.reduce((sum, row) => sum + row.errors, 0) / rows.reduce((sum, row) => sum + row.entries, 0);
    expect(share(auth.slice(25, 29))).toBeGreaterThan(0.5);
    expect(share(auth.slice(0, 24))).toBeLessThan(0.25);
    expect(timelines.map(({ troubles }) => troubles.length)).toEqual([0, 1, 0]);
  });

  it('is the same when it is played again', () => {
    expect(simulate(scenario)).toEqual(timelines);
  });

  it('becomes sequences of twenty windows, the newest last', () => {
    const [first] = labelledWindows(timelines[0]!);
    const last = labelledWindows(timelines[0]!).at(-1)!;
    expect(last.sequence).toHaveLength(SEQUENCE * FEATURES.length);
    expect(last.sequence.slice(-FEATURES.length)).toEqual(last.features);
    expect(first!.sequence.slice(0, 4).every((value) => value === 0)).toBe(true);
  });
});

describe('the scenarios of a training run', () => {
  it('share no seed, no day and no service name between training and test', () => {
    const { train, validation, test } = scenariosOf(100);
    const seeds = [...train, ...validation, ...test].map(({ seed }) => seed);
    expect(new Set(seeds).size).toBe(seeds.length);
    const days = (list: typeof train) => new Set(list.map(({ startMs }) => Math.floor(startMs / 86_400_000)));
    expect([...days(train)].filter((day) => days(test).has(day))).toEqual([]);
  });
});

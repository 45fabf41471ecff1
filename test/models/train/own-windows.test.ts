import { describe, expect, it } from 'vitest';
import type { OwnWindow } from '../../../functions/detect/own-windows.ts';
import { FEATURES } from '../../../models/features.ts';
import { split } from '../../../models/train/own-windows.ts';

const HOUR = 3_600_000;
const window = (startMs: number, rest: Partial<OwnWindow> = {}): OwnWindow => ({
  ...{ service: 'auth', startMs, label: 0, said: false, sequence: [FEATURES.map(() => 1)] },
  ...rest,
});
const said = (hours: number, label: 0 | 1 = 1) => window(hours * HOUR, { said: true, label });
const starts = (windows: readonly { readonly startMs: number }[]): number[] =>
  [...new Set(windows.map(({ startMs }) => startMs))].sort((a, b) => a - b);

describe('windows of the services themselves', () => {
  it('are learned in the first part of the time and measured on in the last', () => {
    const { train, measured } = split(Array.from({ length: 10 }, (_, i) => window(i * 10_000)));
    expect(starts(train)).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => i * 10_000));
    expect(starts(measured.quiet)).toEqual([7, 8, 9].map((i) => i * 10_000));
    expect(measured.said).toEqual([]);
  });

  it('that people spoke of are learned or measured on, never both, an hour on one side', () => {
    const windows = Array.from({ length: 40 }, (_, i) => said(i)).flatMap((one) => [
      one,
      { ...one, startMs: one.startMs + 10_000 },
    ]);
    const { train, measured } = split(windows);
    const hours = (list: readonly { readonly startMs: number }[]): Set<number> =>
      new Set(list.map(({ startMs }) => Math.floor(startMs / HOUR)));
    const [learned, kept] = [hours(train), hours(measured.said)];
    expect([...kept].filter((hour) => learned.has(hour))).toEqual([]);
    expect(learned.size + kept.size).toBe(40);
    expect(kept.size).toBeGreaterThan(4);
    expect(kept.size).toBeLessThan(18);
  });

  it('are held out again when more was labelled, so that no later training learns them', () => {
    const few = Array.from({ length: 40 }, (_, i) => said(i));
    const before = starts(split(few).measured.said);
    const after = starts(
      split([...few, ...Array.from({ length: 40 }, (_, i) => said(100 + i))]).measured.said,
    );
    expect(after).toEqual(expect.arrayContaining(before));
  });

  it('of two hours are on both sides, of one all learned', () => {
    const two = split([said(1), said(2)]);
    expect([starts(two.train).length, two.measured.said.length]).toEqual([1, 1]);
    const one = split([said(1), window(HOUR + 10_000, { said: true })]);
    expect([starts(one.train).length, one.measured.said.length]).toEqual([2, 0]);
  });
});

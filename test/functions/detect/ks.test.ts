import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driftedFeatures, driftTests } from '../../../functions/detect/drift.ts';
import { ksTest } from '../../../functions/detect/ks.ts';

interface Case {
  readonly name: string;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly statistic: number;
  readonly pValue: number;
}

const { cases } = JSON.parse(readFileSync(new URL('../../cases/ks-cases.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

const sample = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('the Kolmogorov-Smirnov test', () => {
  it.each(cases)('has the statistic and the exact p that SciPy has: $name', ({ a, b, statistic, pValue }) => {
    const result = ksTest(a, b);
    expect(result.statistic).toBeCloseTo(statistic, 14);
    expect(Math.abs(result.pValue - pValue)).toBeLessThanOrEqual(1e-11 * pValue + 1e-16);
  });

  it('does not care which sample is which', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [one, other] = [ksTest(a, b), ksTest(b, a)];
        expect(one.statistic).toBe(other.statistic);
        expect(one.pValue).toBeCloseTo(other.pValue, 12);
      }),
    );
  });

  it('is between 0 and 1, 1 for the same sample, and the same on another scale and in another order', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const result = ksTest(a, b);
        for (const value of Object.values(result)) expect(value >= 0 && value <= 1).toBe(true);
        expect(ksTest(a, a)).toEqual({ statistic: 0, pValue: 1 });
        const scaled = (values: readonly number[]) => values.map((value) => value * 8).reverse();
        expect(ksTest(scaled(a), scaled(b))).toEqual(result);
      }),
    );
  });

  it('gives small probabilities to the last digits: two samples that lie apart', () => {
    const [a, b] = [Array.from({ length: 30 }, (_, i) => i), Array.from({ length: 30 }, (_, i) => 100 + i)];
    // 2 / C(60, 30)
    expect(ksTest(a, b).pValue / (2 / 1.182645815648614e17)).toBeCloseTo(1, 10);
  });

  it('refuses what is no sample', () => {
    expect(() => ksTest([], [1])).toThrow('empty');
    expect(() => ksTest([1], [Number.NaN])).toThrow('NaN');
  });
});

describe('drift', () => {
  const values = (shift: number) => Array.from({ length: 200 }, (_, i) => ((i * 37) % 200) / 50 + shift);
  const before = {
    features: { entries: values(0), error_rate: values(0), hour_sine: values(0) },
    scores: { forest: values(0), lstm: values(0) },
  };

  it('names the features and scores that moved, at a level for all tests together, and not the hour', () => {
    const tests = driftTests(before, {
      features: { entries: values(0.05), error_rate: values(1.5), hour_sine: values(3) },
      scores: { forest: values(0), lstm: values(1) },
    });
    expect(tests).toHaveLength(4);
    expect(tests[0]!.significance).toBe(0.05 / 4);
    expect(driftedFeatures(tests)).toEqual(['forest error_rate', 'lstm score']);
  });

  it('says nothing of few windows, or of what one sample does not have', () => {
    expect(driftTests(before, { features: { entries: [9, 9, 9] }, scores: {} })).toEqual([]);
  });

  it('is found in fewer than one of twenty runs where there is none', () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const draw = () => Array.from({ length: 120 }, random);
    const runs = Array.from({ length: 100 }, () => {
      const features = () => Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, draw()]));
      return driftTests({ features: features(), scores: {} }, { features: features(), scores: {} });
    });
    expect(runs.filter((tests) => driftedFeatures(tests).length > 0).length).toBeLessThanOrEqual(5);
  });
});

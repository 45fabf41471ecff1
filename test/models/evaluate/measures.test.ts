import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areaUnderCurve,
  atPrevalence,
  classReport,
  confusion,
  ratesOf,
  reliability,
  thresholdFor,
} from '../../../models/evaluate/measures.ts';

describe('rates', () => {
  const labels = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
  const flagged = [true, true, false, true, false, false, false, false, false, false];

  it('count what was flagged, rightly and wrongly', () => {
    const rates = ratesOf(confusion(labels, flagged));
    expect(rates).toMatchObject({ accuracy: 0.8, precision: 2 / 3, recall: 2 / 3, prevalence: 0.3 });
    expect(rates.f1).toBeCloseTo(2 / 3);
    expect(rates.falsePositiveRate).toBeCloseTo(1 / 7);
  });

  it('at another prevalence keep recall and false-positive rate and change precision', () => {
    const rates = atPrevalence({ recall: 0.9, falsePositiveRate: 0.01 }, { negatives: 9900, positives: 100 });
    expect(rates.recall).toBeCloseTo(0.9);
    expect(rates.precision).toBeCloseTo(90 / 189);
    expect(rates.prevalence).toBe(0.01);
  });

  it('of nothing are 0, not NaN', () => {
    expect(Object.values(ratesOf(confusion([], []))).every((rate) => rate === 0)).toBe(true);
  });
});

describe('the area under the curve', () => {
  it('is the share of pairs in the right order, ties counting half', () => {
    const pairs = fc.array(
      fc.record({ label: fc.constantFrom(0, 1), score: fc.integer({ min: 0, max: 5 }) }),
    );
    fc.assert(
      fc.property(pairs, (rows) => {
        const high = rows.filter(({ label }) => label === 1);
        const low = rows.filter(({ label }) => label === 0);
        fc.pre(high.length > 0 && low.length > 0);
        const wins = high.flatMap((a) =>
          low.map((b): number => (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0)),
        );
        const area = areaUnderCurve(
          rows.map(({ label }) => label),
          rows.map(({ score }) => score),
        );
        expect(area).toBeCloseTo(wins.reduce((a, b) => a + b, 0) / wins.length);
      }),
    );
  });
});

describe('a threshold for a false-positive rate', () => {
  it.each([0, 0.01, 0.1, 0.5])('is exceeded by at most %d of the negatives', (rate) => {
    const scores = Array.from({ length: 200 }, (_, at) => (at * 37) % 101);
    const labels = scores.map((_, at) => (at % 4 === 0 ? 1 : 0));
    const threshold = thresholdFor(labels, scores, rate);
    const negatives = scores.filter((_, at) => labels[at] === 0);
    expect(negatives.filter((score) => score > threshold).length / negatives.length).toBeLessThanOrEqual(
      rate,
    );
  });
});

describe('reliability', () => {
  it('sets what was predicted beside what came true', () => {
    const bins = reliability([0, 1, 1, 1], [0.05, 0.92, 0.98, 1], 10);
    expect(bins[0]).toMatchObject({ count: 1, observed: 0 });
    expect(bins[9]).toMatchObject({ count: 3, observed: 1 });
    expect(bins[9]!.predicted).toBeCloseTo(2.9 / 3);
  });
});

describe('a report by class', () => {
  it('gives the mean F1 of the classes that occur', () => {
    const report = classReport(['a', 'b', 'never'], [0, 0, 1, 1], [0, 1, 1, 1]);
    expect(report.accuracy).toBe(0.75);
    expect(report.f1.map((one) => one.class)).toEqual(['a', 'b']);
    expect(report.macroF1).toBeCloseTo((2 / 3 + 0.8) / 2);
  });
});

/** Measures of a model's answers. Scores are any numbers, higher for the positive class; labels 0 or 1. */

export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export interface Rates {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Share of the negatives that were flagged. */
  readonly falsePositiveRate: number;
  /** Share of positives among all: what always saying no gets wrong. */
  readonly prevalence: number;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

export function confusion(labels: ArrayLike<number>, flagged: ArrayLike<boolean>): Confusion {
  const counts = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (let at = 0; at < labels.length; at++) {
    if (labels[at] === 1) counts[flagged[at] ? 'truePositives' : 'falseNegatives']++;
    else counts[flagged[at] ? 'falsePositives' : 'trueNegatives']++;
  }
  return counts;
}

export function ratesOf({ truePositives, falsePositives, trueNegatives, falseNegatives }: Confusion): Rates {
  const positives = truePositives + falseNegatives;
  const all = positives + falsePositives + trueNegatives;
  return {
    accuracy: ratio(truePositives + trueNegatives, all),
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, positives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
    falsePositiveRate: ratio(falsePositives, falsePositives + trueNegatives),
    prevalence: ratio(positives, all),
  };
}

/** What two rates, measured on samples of other sizes, come to among so many negatives and positives. */
export const atPrevalence = (
  { falsePositiveRate, recall }: { falsePositiveRate: number; recall: number },
  { negatives, positives }: { negatives: number; positives: number },
): Rates =>
  ratesOf({
    truePositives: recall * positives,
    falseNegatives: (1 - recall) * positives,
    falsePositives: falsePositiveRate * negatives,
    trueNegatives: (1 - falsePositiveRate) * negatives,
  });

/** Area under the ROC curve: how often a positive scores higher than a negative. Ties count half. */
export function areaUnderCurve(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  const order = Array.from({ length: labels.length }, (_, at) => at).sort((a, b) => scores[a]! - scores[b]!);
  let rankSum = 0;
  let positives = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++;
    const here = order.slice(from, to).filter((at) => labels[at] === 1).length;
    rankSum += (here * (from + 1 + to)) / 2;
    positives += here;
    from = to;
  }
  const negatives = order.length - positives;
  return ratio(rankSum - (positives * (positives + 1)) / 2, positives * negatives);
}

/** The lowest threshold that at most a share `rate` of the negatives exceeds. */
export function thresholdFor(labels: ArrayLike<number>, scores: ArrayLike<number>, rate: number): number {
  const negatives = Float64Array.from(scores)
    .filter((_, at) => labels[at] === 0)
    .sort();
  if (negatives.length === 0) return 0;
  const above = Math.floor(rate * negatives.length);
  return negatives[negatives.length - 1 - above]!;
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean predicted probability. */
  readonly predicted: number;
  /** Share that was positive. */
  readonly observed: number;
}

/** Reliability: predicted probabilities in bins of equal width, and how often they came true. */
export function reliability(labels: ArrayLike<number>, probabilities: ArrayLike<number>, bins = 10): Bin[] {
  const rows = Array.from({ length: bins }, () => ({ count: 0, sum: 0, positives: 0 }));
  for (let at = 0; at < labels.length; at++) {
    const row = rows[Math.min(bins - 1, Math.floor(probabilities[at]! * bins))]!;
    row.count++;
    row.sum += probabilities[at]!;
    row.positives += labels[at]!;
  }
  return rows.map(({ count, sum, positives }, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    count,
    predicted: ratio(sum, count),
    observed: ratio(positives, count),
  }));
}

/** Mean distance of predicted and observed, over all predictions (expected calibration error). */
export function calibrationError(bins: readonly Bin[]): number {
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  return ratio(
    bins.reduce((sum, { count, predicted, observed }) => sum + count * Math.abs(predicted - observed), 0),
    all,
  );
}

export interface ClassReport {
  readonly accuracy: number;
  /** Mean F1 of the classes that occur. */
  readonly macroF1: number;
  readonly f1: readonly { readonly class: string; readonly f1: number; readonly count: number }[];
}

/** Accuracy and F1 by class. */
export function classReport(
  classes: readonly string[],
  truth: ArrayLike<number>,
  answers: ArrayLike<number>,
): ClassReport {
  const f1 = classes
    .map((name, wanted) => {
      let [hits, said, count] = [0, 0, 0];
      for (let at = 0; at < truth.length; at++) {
        if (answers[at] === wanted) said++;
        if (truth[at] === wanted) count++;
        if (answers[at] === wanted && truth[at] === wanted) hits++;
      }
      return { class: name, f1: ratio(2 * hits, said + count), count };
    })
    .filter(({ count }) => count > 0);
  const right = Array.from({ length: truth.length }, (_, at) => truth[at] === answers[at]).filter(Boolean);
  return {
    accuracy: ratio(right.length, truth.length),
    macroF1: ratio(
      f1.reduce((sum, one) => sum + one.f1, 0),
      f1.length,
    ),
    f1,
  };
}

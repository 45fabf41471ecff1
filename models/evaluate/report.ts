/** Measures on public data as text, with prevalence and baselines beside. */
import type { MessageMeasure } from './messages.ts';
import type { SequenceReport } from './sequences.ts';

const percent = (share: number, digits = 2): string => `${(share * 100).toFixed(digits)} %`;

export function sequencesText({ trained, tested, unseen, prevalence, measures }: SequenceReport): string {
  return [
    `learned from ${trained.sessions} normal sessions (${trained.distinct} distinct); asked about ${tested.normal} normal and ${tested.abnormal} anomalous ones`,
    `precision, F1 and accuracy at the prevalence of the whole data set: ${percent(prevalence)} anomalous; always saying "normal" has an accuracy of ${percent(1 - prevalence)}`,
    `unseen: distinct sessions that training did not have, each counted once (${unseen.normal} normal, ${unseen.abnormal} anomalous)`,
    '',
    ...measures.flatMap(({ by, all, unseen: fresh }) => [
      by,
      `  F1 ${all.f1.toFixed(4)}  precision ${all.precision.toFixed(4)}  recall ${all.recall.toFixed(4)}  false positives ${percent(all.falsePositiveRate, 3)}  accuracy ${all.accuracy.toFixed(4)}`,
      `  unseen: recall ${fresh.recall.toFixed(4)}  false positives ${percent(fresh.falsePositiveRate)}`,
    ]),
  ].join('\n');
}

export function messagesText(measures: readonly MessageMeasure[]): string {
  return measures
    .flatMap(({ task, split, by, report, messages, templates }) => [
      `${task}, ${split} (${messages} messages, ${templates} templates): ${by}`,
      `  macro F1 ${report.macroF1.toFixed(4)}  accuracy ${report.accuracy.toFixed(4)}  ${report.f1
        .map((one) => `${one.class} ${one.f1.toFixed(3)} (${percent(one.count / messages, 0)})`)
        .join('  ')}`,
    ])
    .join('\n');
}

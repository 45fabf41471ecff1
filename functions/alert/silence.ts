/**
 * Who must not be told of what: silences (asked for by a person, for labels, until a time) and maintenance (planned, in
 * the configuration). Pure. A silence holds back messages, never the state: alerts stay visible as silenced.
 */
import type { Maintenance, Matchers } from './rules/config.ts';
import { within } from './rules/hours.ts';
import { fits, type Severity, type Tier } from './rules/rule.ts';

export interface Silence {
  readonly id: string;
  readonly match: Matchers;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly author: string;
  readonly comment: string;
}

/** What a matcher looks at. */
export interface Labels {
  readonly service: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly tier: Tier;
}

/** Whether labels have all that is asked. */
export const matches = (match: Matchers, labels: Labels): boolean =>
  (match.service === undefined || fits(labels.service, match.service)) &&
  (match.rule === undefined || fits(labels.rule, match.rule)) &&
  (match.severity === undefined || match.severity === labels.severity) &&
  (match.tier === undefined || match.tier === labels.tier);

/** What holds back messages about these labels now, in words; null: nothing. */
export function silencedBy(
  labels: Labels,
  silences: readonly Silence[],
  maintenance: readonly Maintenance[],
  nowMs: number,
): string | null {
  const silence = silences.find(
    (one) => nowMs >= one.fromMs && nowMs < one.untilMs && matches(one.match, labels),
  );
  if (silence !== undefined) return `silence ${silence.id} of ${silence.author}`;
  const planned = maintenance.find((one) => isOn(one, nowMs) && matches(one.match, labels));
  return planned === undefined ? null : `maintenance ${planned.name}`;
}

function isOn({ from, until, hours }: Maintenance, nowMs: number): boolean {
  if (from !== undefined && nowMs < from) return false;
  if (until !== undefined && nowMs >= until) return false;
  return hours === undefined || within(hours, nowMs);
}

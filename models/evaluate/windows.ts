/** How well flags on windows find incidents: by window, by incident, and how long before the failure. */
import type { LabelledWindow } from '../train/labels.ts';
import { type Trouble, WINDOW_MS } from '../train/simulation.ts';
import { areaUnderCurve, confusion, type Rates, ratesOf } from './measures.ts';

export interface IncidentRates {
  /** Incidents of a service, and how many had a flagged window between first sign and end. */
  readonly incidents: number;
  readonly detected: number;
  /** Stretches of flagged windows outside of any incident. */
  readonly falseAlarms: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Lead {
  /** Incidents that announced themselves, and how many were flagged before they failed. */
  readonly announced: number;
  readonly ahead: number;
  /** Median time from the first flag to the failure, over all that announced themselves, in seconds. */
  readonly medianSeconds: number;
  /** The same by kind of incident: what creeps in has less time between sign and failure than what warns. */
  readonly byKind: Readonly<Record<string, number>>;
}

export interface WindowsReport {
  /** Where the truth is clear. */
  readonly windows: Rates & { readonly areaUnderCurve: number; readonly count: number };
  /** All windows; those before an incident that nothing announces count as missed. */
  readonly strictAccuracy: number;
  readonly incidents: IncidentRates;
  readonly lead: Lead;
}

/** After an incident the windows are not usual yet; flags there are neither right nor wrong. */
const AFTER_MS = 3 * WINDOW_MS;

/** `windows` of each service in order of time; a window is flagged when its score is above the threshold. */
export function reportWindows(
  windows: readonly LabelledWindow[],
  scores: ArrayLike<number>,
  threshold: number,
): WindowsReport {
  const flagged = Array.from(scores, (score) => score > threshold);
  const clear = windows.flatMap((window, at) => (window.label === null ? [] : [at]));
  const labels = clear.map((at) => windows[at]!.label!);
  const strict = confusion(
    windows.map((window) => window.strict),
    flagged,
  );
  return {
    windows: {
      ...ratesOf(
        confusion(
          labels,
          clear.map((at) => flagged[at]!),
        ),
      ),
      areaUnderCurve: areaUnderCurve(
        labels,
        clear.map((at) => scores[at]!),
      ),
      count: clear.length,
    },
    strictAccuracy: ratesOf(strict).accuracy,
    incidents: incidentRates(windows, flagged),
    lead: leadOf(windows, flagged),
  };
}

interface Found {
  readonly kind: Trouble['kind'];
  readonly startMs: number;
  readonly announced: boolean;
  /** End of the first flagged window; null: none. */
  flaggedMs: number | null;
}

function incidentsOf(windows: readonly LabelledWindow[], flagged: readonly boolean[]): Found[] {
  const found = new Map<string, Found>();
  for (const [at, { service, startMs, trouble }] of windows.entries()) {
    if (trouble === null) continue;
    const key = `${trouble.id} ${service}`;
    const { kind, announced } = trouble;
    const one = found.get(key) ?? { kind, startMs: trouble.startMs, announced, flaggedMs: null };
    if (flagged[at]) one.flaggedMs ??= startMs + WINDOW_MS;
    found.set(key, one);
  }
  return [...found.values()];
}

function incidentRates(windows: readonly LabelledWindow[], flagged: readonly boolean[]): IncidentRates {
  const all = incidentsOf(windows, flagged);
  const detected = all.filter(({ flaggedMs }) => flaggedMs !== null).length;
  let falseAlarms = 0;
  let overMs = Number.NEGATIVE_INFINITY;
  let open = false;
  for (const [at, { service, startMs, trouble }] of windows.entries()) {
    if (service !== windows[at - 1]?.service) {
      overMs = Number.NEGATIVE_INFINITY;
      open = false;
    }
    if (trouble !== null) overMs = trouble.endMs + AFTER_MS;
    const wrong = flagged[at]! && trouble === null && startMs >= overMs;
    if (wrong && !open) falseAlarms++;
    open = wrong;
  }
  const { precision, recall, f1 } = ratesOf({
    truePositives: detected,
    falsePositives: falseAlarms,
    falseNegatives: all.length - detected,
    trueNegatives: 0,
  });
  return { incidents: all.length, detected, falseAlarms, precision, recall, f1 };
}

function leadOf(windows: readonly LabelledWindow[], flagged: readonly boolean[]): Lead {
  const announced = incidentsOf(windows, flagged).filter((one) => one.announced);
  const kinds = [...new Set(announced.map(({ kind }) => kind))].sort();
  const own = (kind: string): Found[] => announced.filter((one) => one.kind === kind);
  return {
    announced: announced.length,
    ahead: announced.filter((one) => leadSeconds(one) > 0).length,
    medianSeconds: medianLead(announced),
    byKind: Object.fromEntries(kinds.map((kind) => [kind, medianLead(own(kind))])),
  };
}

const leadSeconds = ({ startMs, flaggedMs }: Found): number =>
  (flaggedMs === null ? Number.NEGATIVE_INFINITY : startMs - flaggedMs) / 1000;

function medianLead(found: readonly Found[]): number {
  const leads = found.map(leadSeconds).sort((a, b) => a - b);
  return leads[leads.length >> 1] ?? 0;
}

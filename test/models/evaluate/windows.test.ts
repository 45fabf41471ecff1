import { describe, expect, it } from 'vitest';
import { reportWindows } from '../../../models/evaluate/windows.ts';
import { emptyWindow } from '../../../models/features.ts';
import { type LabelledWindow, labelledWindows } from '../../../models/train/labels.ts';
import { type Trouble, WINDOW_MS } from '../../../models/train/simulation.ts';

const START = Date.UTC(2026, 10, 20, 10);
const at = (minutes: number): number => START + minutes * 60_000;

/** Two hours of a service with a cascade that announces itself at minute 60, fails at 64 and ends at 68. */
function day(service: string): LabelledWindow[] {
  const cascade: Trouble = {
    id: 'cascade',
    kind: 'cascading_failure',
    signMs: at(60),
    startMs: at(64),
    endMs: at(68),
    announced: true,
  };
  const windows = Array.from({ length: 720 }, (_, index) => emptyWindow(START + index * WINDOW_MS));
  return labelledWindows({ service, windows, troubles: [cascade] });
}

/** Flags from minute to minute. */
const flagged = (
  windows: readonly LabelledWindow[],
  ...spans: readonly (readonly [number, number])[]
): number[] =>
  windows.map(({ startMs }) => (spans.some(([from, to]) => startMs >= at(from) && startMs < at(to)) ? 1 : 0));

describe('a report on windows', () => {
  const windows = day('auth');

  it('of flags from a minute after the first sign to the end finds the incident, three minutes ahead', () => {
    const report = reportWindows(windows, flagged(windows, [61, 68]), 0.5);
    expect(report.incidents).toMatchObject({ incidents: 1, detected: 1, falseAlarms: 0, f1: 1 });
    expect(report.lead).toEqual({
      announced: 1,
      ahead: 1,
      medianSeconds: 170,
      byKind: { cascading_failure: 170 },
    });
    expect(report.windows.falsePositiveRate).toBe(0);
    expect(report.windows.recall).toBeGreaterThan(0.85);
  });

  it('counts each stretch of wrong flags as one false alarm, and none right after an incident', () => {
    const report = reportWindows(windows, flagged(windows, [10, 12], [30, 31], [68, 68.5]), 0.5);
    expect(report.incidents).toMatchObject({ detected: 0, falseAlarms: 2, recall: 0, f1: 0 });
    expect(report.lead.ahead).toBe(0);
  });

  it('keeps the alarms of services apart', () => {
    const both = [...day('auth'), ...day('user')];
    const wrong = both.map(({ startMs, service }) =>
      service === 'auth' ? (startMs >= at(118) ? 1 : 0) : startMs < at(2) ? 1 : 0,
    );
    expect(reportWindows(both, wrong, 0.5).incidents).toMatchObject({ incidents: 2, falseAlarms: 2 });
  });
});

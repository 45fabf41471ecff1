import { describe, expect, it } from 'vitest';
import { Telemetry } from '../../../local/start/telemetry.ts';

const batch = (entries: number, lag_ms: number) =>
  JSON.stringify({
    severity: 'INFO',
    stage: 'parse',
    entries,
    deadLetters: 1,
    lateEntries: 0,
    duplicates: 2,
    lag_ms,
  });

const firing = (fired: number, revised: number) =>
  JSON.stringify({ severity: 'INFO', stage: 'close', windows: 9, fired, revised, rows: 3 });

describe('the summary of what the functions do', () => {
  it('adds up batches and firings, and rates the last ten seconds', () => {
    let nowMs = 0;
    const telemetry = new Telemetry(() => nowMs);
    telemetry.hear(batch(1000, 900));
    nowMs = 20_000;
    for (const lag of [10, 20, 30]) telemetry.hear(batch(100, lag));
    telemetry.hear(firing(2, 1));
    telemetry.hear(firing(0, 0));
    telemetry.hear(firing(7, 0));
    telemetry.hear('{"severity":"ERROR","stage":"parse","message":"batch failed"}');
    expect(telemetry.figures()).toEqual({
      entries: 1300,
      batches: 4,
      deadLetters: 4,
      lateEntries: 0,
      duplicates: 8,
      windowsFired: 9,
      revisions: 1,
      failures: 1,
      entriesPerSecond: 30,
      lagP50Ms: 20,
      lagP99Ms: 20,
    });
  });

  it('passes over lines that are none of ours', () => {
    const telemetry = new Telemetry(() => 0);
    for (const line of ['', 'Serving function...', '{"broken', '{"stage":"parse"}', 'null'])
      telemetry.hear(line);
    expect(telemetry.figures()).toMatchObject({ entries: 0, failures: 0, lagP50Ms: null });
  });
});

import { describe, expect, it } from 'vitest';
import { runAlertKills } from './alert-run.ts';

describe('alert and remind, killed while they judge and tell', () => {
  it('tell each transition once on each channel', { timeout: 240_000 }, async () => {
    const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
    const report = await runAlertKills({ incidents: 4, seed });
    expect({ seed, wrong: report.wrong }).toEqual({ seed, wrong: [] });
    // The run must have been one: killed after a commit, while it sent, and with verdicts that came again.
    expect(report.kills.committed).toBeGreaterThan(0);
    expect(report.kills.taken).toBeGreaterThan(0);
    expect(report.redeliveries).toBeGreaterThan(0);
  });
});

import { describe, expect, it } from 'vitest';
import { runKills } from './run.ts';

describe('parse and close, killed under load', () => {
  it('lose nothing and count nothing twice', { timeout: 180_000 }, async () => {
    const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
    const report = await runKills({ seconds: 8, seed, batchesPerSecond: 15 });
    expect({ seed, wrong: report.wrong }).toEqual({ seed, wrong: [] });
    // The run must have been one: killed while it worked, with messages that came again.
    expect(report.kills.parse).toBeGreaterThan(0);
    expect(report.duplicatePartials).toBeGreaterThan(0);
    expect(report.windows).toBeGreaterThan(10);
  });
});

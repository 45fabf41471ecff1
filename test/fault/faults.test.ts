import { describe, expect, it } from 'vitest';
import { type Case, runFaults } from './run.ts';

/** A few; each kind at each place: test/fault/faults.ts. */
const CASES: readonly Case[] = [
  { place: 'firestore', fault: 'half' },
  { place: 'bigquery-write', fault: '503' },
  { place: 'push', fault: 'reset' },
];

describe("calls of Google's services that go wrong", () => {
  it('lose no line and count none twice', { timeout: 300_000 }, async () => {
    const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
    const outcomes = await runFaults({ cases: CASES, seed, seconds: 2, percent: 30 });
    expect({ seed, wrong: outcomes.flatMap(({ wrong }) => wrong) }).toEqual({ seed, wrong: [] });
    // Something must have gone wrong at each place, and been done again.
    expect(outcomes.map(({ mishaps }) => mishaps > 0)).toEqual(CASES.map(() => true));
    expect(outcomes.reduce((sum, { redeliveries }) => sum + redeliveries, 0)).toBeGreaterThan(0);
  });
});

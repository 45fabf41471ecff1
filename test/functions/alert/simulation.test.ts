/** The measure of alerting, short: an hour of thirty services. The whole day is test/bench/alerts.ts. */
import { expect, it } from 'vitest';
import { simulateDay } from './simulated-day.ts';

it('finds the incidents of an hour with few messages, and says nothing of what was none', async () => {
  const report = await simulateDay({
    ...{ seed: 5, services: 30, startMs: Date.UTC(2026, 10, 20) },
    ...{ durationMs: 3_600_000, incidentEveryMs: 15 * 60_000 },
  });
  expect(report.incidents).toBeGreaterThanOrEqual(3);
  expect(report.missed).toEqual([]);
  expect(report.falseTitles).toEqual([]);
  expect(report.messagesPerIncident).toBeLessThanOrEqual(1.5);
  expect(report.medianS).toBeLessThanOrEqual(25);
  expect(report.naive.messagesPerIncident).toBeGreaterThan(2 * report.messagesPerIncident);
});

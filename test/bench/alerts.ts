/**
 * Alerting against a simulated day with known incidents, naive alerting beside it.
 *
 *     npx tsx test/bench/alerts.ts [--seed 1] [--services 200] [--hours 24]
 *
 * About a quarter of an hour of processor time for the whole day: the detector's own rules judge 1.7 million windows.
 */
import { parseArgs } from 'node:util';
import { simulateDay } from '../functions/alert/simulated-day.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    services: { type: 'string', default: '200' },
    hours: { type: 'string', default: '24' },
  },
});

const startMs = Date.UTC(2026, 10, 20);
const [seed, services, hours] = [Number(values.seed), Number(values.services), Number(values.hours)];
const write = process.stdout.write.bind(process.stdout);
// The functions' own log lines are no result.
process.stdout.write = ((text: string) =>
  text.startsWith('{"severity"') ? true : write(text)) as typeof write;

const report = await simulateDay({
  ...{ seed, services, startMs, durationMs: hours * 3_600_000, incidentEveryMs: 15 * 60_000 },
  onHour: (hour) => process.stderr.write(`\r${hour} of ${hours} h `),
});
const seconds = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} s`);
const line = (name: string, value: string, goal: string): void =>
  console.log(`${name.padEnd(44)}${value.padStart(10)}   ${goal}`);

console.log(`\n${services} services, ${hours} h, seed ${seed}, ${report.incidents} incidents`);
line('recall of incidents', report.recall.toFixed(3), 'goal ≥ 0.95');
line('messages an incident (updates in thread apart)', report.messagesPerIncident.toFixed(2), 'goal ≤ 1.5');
line('false alerts a day', report.falsePerDay.toFixed(1), 'goal ≤ 2');
line('first bad entry → message, median', seconds(report.medianS), 'goal ≤ 25 s');
for (const [kind, one] of Object.entries(report.kinds))
  line(`  ${kind}`, seconds(one.medianS), `${one.found} of ${one.incidents} found`);
line(
  'naive: messages an incident',
  report.naive.messagesPerIncident.toFixed(2),
  'one message a rule and service',
);
line('naive: false alerts a day', report.naive.falsePerDay.toFixed(0), '');
for (const title of report.falseTitles.slice(0, 20)) console.log(`  false: ${title}`);
for (const what of report.missed) console.log(`  missed: ${what}`);

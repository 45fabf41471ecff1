import { describe, expect, it } from 'vitest';
import { createGenerator, type GeneratedLine } from '../../../local/generator/generator.ts';
import {
  firstSignMs,
  INCIDENT_KINDS,
  type Incident,
  type IncidentKind,
} from '../../../local/generator/incident.ts';

const START_MS = Date.UTC(2026, 10, 20, 10);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const CALM = { seed: 7, rate: 150, startMs: START_MS, incidentEveryMs: 0, rhythm: 0 };

/** Minutes of lines of one service, with an incident that shows after the first. */
function around(kind: IncidentKind, service: string) {
  const atMs = START_MS + MINUTE_MS;
  const generator = createGenerator({ ...CALM, incidents: [{ kind, service, atMs, strength: 0.5 }] });
  const [incident] = generator.incidents(START_MS, START_MS + DAY_MS);
  const lines = generator.next(START_MS, incident!.endMs + 2 * MINUTE_MS);
  const between = (name: string, fromMs: number, toMs: number): GeneratedLine[] =>
    lines.filter(
      (line) => line.service.name === name && line.timestampMs >= fromMs && line.timestampMs < toMs,
    );
  return { incident: incident!, lines, between };
}

const share = (lines: readonly GeneratedLine[], holds: (line: GeneratedLine) => boolean): number =>
  lines.filter(holds).length / lines.length;
const isError = ({ template }: GeneratedLine): boolean =>
  template.level === 'error' || template.level === 'critical';
const latencyOf = ({ line }: GeneratedLine): number =>
  Number(/"(?:responseTime|durationMs|elapsed_ms|took_ms|latency)":"?([\d.]+)/.exec(line)?.[1] ?? Number.NaN);

function medianLatency(lines: readonly GeneratedLine[]): number {
  const sorted = lines
    .map(latencyOf)
    .filter((ms) => ms >= 0)
    .sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

describe('an incident that was asked for', () => {
  it('error_burst: most requests of the service fail, until it ends; others are as before', () => {
    const { incident, between } = around('error_burst', 'payment');
    const { startMs, endMs } = incident;
    expect(incident).toMatchObject({ precursorMs: null, startMs: START_MS + MINUTE_MS });
    expect(share(between('payment', START_MS, startMs), isError)).toBeLessThan(0.2);
    expect(share(between('payment', startMs, endMs), isError)).toBeGreaterThan(0.55);
    expect(share(between('payment', endMs + 10_000, endMs + 2 * MINUTE_MS), isError)).toBeLessThan(0.2);
    expect(share(between('api-gateway', startMs, endMs), isError)).toBeLessThan(0.2);
  });

  it('latency_creep: the service becomes slower and slower, its failure starts at three times the usual', () => {
    const { incident, between } = around('latency_creep', 'inventory');
    const { precursorMs, startMs, endMs } = incident;
    expect(precursorMs).toBe(START_MS + MINUTE_MS);
    const usual = medianLatency(between('inventory', START_MS, precursorMs!));
    const atStart = medianLatency(between('inventory', startMs - 10_000, startMs + 10_000));
    const atEnd = medianLatency(between('inventory', endMs - 30_000, endMs));
    expect(atStart / usual).toBeGreaterThan(2);
    expect(atStart / usual).toBeLessThan(5);
    expect(atEnd / usual).toBeGreaterThan(8);
  });

  it('cascading_failure: warnings for minutes, then the service fails, then those that call it', () => {
    const { incident, between } = around('cascading_failure', 'payment');
    const { precursorMs, startMs, endMs, reachMs, affected } = incident;
    expect(affected.map(({ name }) => name)).toEqual(['payment', 'inventory', 'api-gateway']);
    expect(startMs - precursorMs!).toBeGreaterThanOrEqual(3 * MINUTE_MS);
    const isWarning = ({ template }: GeneratedLine): boolean => template.level === 'warn';
    expect(share(between('payment', startMs - MINUTE_MS, startMs), isWarning)).toBeGreaterThan(0.3);
    expect(share(between('payment', startMs - MINUTE_MS, startMs), isError)).toBeLessThan(0.25);
    expect(share(between('payment', startMs, endMs), isError)).toBeGreaterThan(0.55);
    affected.slice(1).forEach(({ name }, i) => {
      const reach = reachMs[i + 1]!;
      expect(reach).toBeGreaterThan(reachMs[i]!);
      expect(share(between(name, startMs - MINUTE_MS, reach), isError)).toBeLessThan(0.2);
      expect(share(between(name, reach, endMs), isError)).toBeGreaterThan(0.4);
    });
  });

  it('silent_service: the service says nothing', () => {
    const { incident, between } = around('silent_service', 'auth');
    const { startMs, endMs } = incident;
    // A request that started before may still end.
    expect(between('auth', startMs + 10_000, endMs)).toEqual([]);
    expect(between('auth', START_MS, startMs).length).toBeGreaterThan(250);
    expect(between('auth', endMs, endMs + MINUTE_MS).length).toBeGreaterThan(250);
    expect(between('user', startMs, endMs).length).toBeGreaterThan(250);
  });

  it('new_error_pattern: a few lines are an error that was never seen', () => {
    const { incident, lines, between } = around('new_error_pattern', 'user');
    const isNovel = ({ template }: GeneratedLine): boolean => template.set === 'novel';
    const { startMs, endMs } = incident;
    const novelShare = share(between('user', startMs, endMs), isNovel);
    expect(novelShare).toBeGreaterThan(0.03);
    expect(novelShare).toBeLessThan(0.15);
    const novel = lines.filter(isNovel);
    expect(new Set(novel.map(({ template }) => template.index))).toEqual(new Set([incident.novel]));
    expect(novel.every(({ service }) => service.name === 'user')).toBe(true);
  });

  it('marks the lines that it made or changed, and no others', () => {
    const { incident, lines } = around('cascading_failure', 'auth');
    const marked = lines.filter((line) => line.incident !== null);
    expect(marked.length).toBeGreaterThan(100);
    const names = new Set(incident.affected.map(({ name }) => name));
    const elsewhere = marked.filter(
      ({ incident: of, service, timestampMs }) =>
        of !== incident ||
        !names.has(service.name) ||
        timestampMs < firstSignMs(incident) ||
        timestampMs >= incident.endMs + 10_000,
    );
    expect(elsewhere).toEqual([]);
  });

  it('for a service that is not there is refused with those that are', () => {
    const generator = createGenerator(CALM);
    expect(() => generator.add({ kind: 'error_burst', service: 'pay', atMs: START_MS })).toThrow(
      /incident.service="pay" is no service; allowed: api-gateway, auth/,
    );
  });
});

describe('random incidents', () => {
  const ofDay = (seed: number, timeCompression = 1): Incident[] =>
    createGenerator({ seed, rate: 1, timeCompression }).incidents(START_MS, START_MS + DAY_MS);

  it('are determined by the seed, wherever one starts to ask', () => {
    const half = START_MS + DAY_MS / 2;
    const later = createGenerator({ seed: 3, rate: 1, startMs: half }).incidents(half, START_MS + DAY_MS);
    expect(later).toEqual(ofDay(3).filter(({ endMs }) => endMs > half));
    expect(ofDay(4)).not.toEqual(ofDay(3));
  });

  it('are of every kind, about eighty a day, and never two at a time', () => {
    for (const seed of [1, 2, 3]) {
      const incidents = ofDay(seed);
      expect(incidents.length).toBeGreaterThan(65);
      expect(incidents.length).toBeLessThanOrEqual(96);
      expect(new Set(incidents.map(({ kind }) => kind))).toEqual(new Set(INCIDENT_KINDS));
      incidents.slice(1).forEach((one, i) => {
        expect(firstSignMs(one)).toBeGreaterThan(incidents[i]!.endMs + 30_000);
      });
    }
  });

  it('have ids of their own', () => {
    const ids = ofDay(5).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toMatch(/^5-2026-11-2\dT[\d:.]+Z-[\w-]+$/);
  });

  it('come faster and are shorter when time is compressed', () => {
    const slow = ofDay(6);
    const fast = createGenerator({ seed: 6, rate: 1, timeCompression: 5 }).incidents(
      START_MS,
      START_MS + DAY_MS / 5,
    );
    expect(fast.length).toBeGreaterThan(slow.length * 0.8);
    const length = (all: readonly Incident[]): number =>
      all.reduce((sum, one) => sum + one.endMs - firstSignMs(one), 0) / all.length;
    expect(length(fast)).toBeLessThan(length(slow) / 3);
  });

  it('are none when none are asked for', () => {
    const generator = createGenerator({ ...CALM, incidentEveryMs: 0 });
    expect(generator.incidents(START_MS, START_MS + DAY_MS)).toEqual([]);
  });
});

/** All rules about one service. */
import { describe, expect, it } from 'vitest';
import { bounded, NO_EVIDENCE, type Observation, type Signal } from '../../../functions/alert/observation.ts';
import { alertConfig } from '../../../functions/alert/rules/config.ts';
import { isActive, newService, observe, type ServiceState, tick } from '../../../functions/alert/service.ts';

const START = Date.UTC(2026, 10, 20, 10);

const signal = (now: number, usual: number | null, deviations: number | null = null): Signal => ({
  now,
  usual,
  deviations,
  decided: null,
});

function observationAt(index: number, changed: Partial<Observation> = {}): Observation {
  const startMs = START + index * 10_000;
  const signals = { error_rate: signal(0.02, 0.02, 0), latency: signal(50, 50, 0) };
  return {
    ...{ service: 'payment', startMs, endMs: startMs + 10_000, revision: 1, entries: 200, errors: 4 },
    ...{ signals, evidence: NO_EVIDENCE },
    ...changed,
  };
}

const bad: Partial<Observation> = {
  errors: 120,
  signals: { error_rate: signal(0.6, 0.02, 30), latency: signal(60, 50, 5) },
  evidence: { ...NO_EVIDENCE, samples: ['payment refused by the bank'] },
};

function run(observations: readonly Observation[], config = alertConfig({})) {
  let state: ServiceState = newService('payment');
  const said: string[] = [];
  for (const observation of observations) {
    const next = observe(state, observation, { config, silences: [], nowMs: observation.endMs + 6000 });
    state = next.state;
    said.push(...next.changes.map(({ rule, to, severity }) => `${rule} ${to} ${severity}`));
  }
  return { state, said };
}

describe('a service', () => {
  it('that is well leaves nothing to remember', () => {
    const { state, said } = run(Array.from({ length: 50 }, (_, i) => observationAt(i)));
    expect(said).toEqual([]);
    expect(state.alerts).toEqual({});
    expect(isActive(state)).toBe(false);
  });

  it('that fails most of its requests alarms at once, and says so with numbers, and evidence', () => {
    const before = run(Array.from({ length: 10 }, (_, i) => observationAt(i)));
    const observation = observationAt(10, bad);
    const { changes } = observe(before.state, observation, {
      config: alertConfig({ tiers: { critical: ['payment'] } }),
      silences: [],
      nowMs: observation.endMs + 6000,
    });
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      rule: 'error_spike',
      to: 'firing',
      severity: 'page',
      startedAtMs: observation.startMs,
      value: 0.6,
      usual: 0.02,
      evidence: { samples: ['payment refused by the bank'] },
    });
  });

  it('resolves by the clock alone after one good window', () => {
    const { state } = run([observationAt(0), observationAt(1, bad), observationAt(2)]);
    const at = (nowMs: number) =>
      tick(state, { config: alertConfig({}), silences: [], nowMs }).changes.map(({ to }) => to);
    expect(at(START + 60_000)).toEqual([]);
    expect(at(START + 120_000)).toEqual(['resolved']);
  });

  it('is not alarmed about by a backfill of old windows', () => {
    const old = observationAt(0, bad);
    const nowMs = old.endMs + 3_600_000;
    const { state, changes } = observe(newService('payment'), old, {
      config: alertConfig({}),
      silences: [],
      nowMs,
    });
    expect(changes).toEqual([]);
    expect(state).toEqual(newService('payment'));
  });

  it('that logs lines of 100 KB without end leaves a state of a few KB', () => {
    const long = '\u{1F525}'.repeat(50_000);
    const patterns = Array.from({ length: 100 }, () => ({ id: long, template: long, entries: 1 }));
    const evidence = {
      ...NO_EVIDENCE,
      samples: Array.from({ length: 100 }, () => long),
      patterns,
      explanation: long,
    };
    const { state } = run([bounded(observationAt(0, { ...bad, evidence, service: 'payment' }))]);
    const text = JSON.stringify(state);
    expect(text.length).toBeLessThan(12_000);
    // Throws for half a surrogate pair.
    expect(encodeURIComponent(text)).not.toBe('');
    expect(text).not.toMatch(/\\ud83d(?!\\udd25)/);
  });
});

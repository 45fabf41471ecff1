/** What is told together, and where it began. */
import { describe, expect, it } from 'vitest';
import { type GroupContext, group, type Notice, remind } from '../../../functions/alert/group.ts';
import { type Board, EMPTY_BOARD } from '../../../functions/alert/incident.ts';
import { NO_EVIDENCE } from '../../../functions/alert/observation.ts';
import { originOf } from '../../../functions/alert/origin.ts';
import { alertConfig } from '../../../functions/alert/rules/config.ts';
import { type Change, fingerprintOf } from '../../../functions/alert/service.ts';

const START = Date.UTC(2026, 10, 20, 10);

function change(service: string, atS: number, changed: Partial<Change> = {}): Change {
  const rule = changed.rule ?? 'error_spike';
  const startedAtMs = START + atS * 1000;
  const fingerprint = fingerprintOf(rule, service);
  return {
    ...{ from: 'pending', to: 'firing', reason: 'breach held', signal: 'error_rate', severity: 'ticket' },
    ...{
      rule,
      service,
      startedAtMs,
      fingerprint,
      alertId: `${fingerprint}-${atS}`,
      atMs: startedAtMs + 16_000,
    },
    ...{ value: 0.5, usual: 0.02, evidence: NO_EVIDENCE },
    ...changed,
  };
}

const context = (atS: number): GroupContext => ({
  config: alertConfig({}),
  nowMs: START + atS * 1000,
  channels: ['slack', 'mail', 'pagerduty'],
  seriesOf: () => null,
});

/** Feeds changes one by one; returns what was noticed. */
function run(changes: readonly Change[], board: Board = EMPTY_BOARD) {
  const notices: Notice[] = [];
  let now = board;
  for (const one of changes) {
    const next = group(now, [one], context((one.atMs - START) / 1000));
    now = next.board;
    notices.push(...next.notices);
  }
  return { board: now, notices };
}

const told = (notices: readonly Notice[]) =>
  notices.map(({ kind, loud, incident }) => `${kind}${loud ? '' : ' (quiet)'} ${incident.alerts.length}`);

const resolved = (service: string, startS: number, endS: number): Change =>
  change(service, startS, { from: 'firing', to: 'resolved', atMs: START + endS * 1000 });

describe('services that fail within a minute of each other', () => {
  it('are one incident with one opening, updates, and one resolution', () => {
    const { notices, board } = run([
      change('payment', 0),
      change('inventory', 40),
      change('api-gateway', 90),
      resolved('payment', 0, 300),
      resolved('inventory', 40, 310),
      resolved('api-gateway', 90, 330),
    ]);
    expect(told(notices)).toEqual([
      'opened 1',
      'updated 2',
      'updated 3',
      'updated (quiet) 3',
      'updated (quiet) 3',
      'resolved 3',
    ]);
    expect(notices.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(notices.map(({ incident }) => incident.id)).size).toBe(1);
    expect(board.incidents[0]?.resolvedAtMs).toBe(START + 330_000);
  });

  it('and come in one call are told in one notice', () => {
    const { notices } = group(EMPTY_BOARD, [change('b', 10), change('a', 0)], context(30));
    expect(told(notices)).toEqual(['opened 2']);
  });

  it('are two incidents when more than a minute lies between, unless they share a trace', () => {
    const traced = { ...NO_EVIDENCE, traces: [{ id: 't1', atMs: START }] };
    expect(told(run([change('payment', 0), change('search', 61)]).notices)).toEqual(['opened 1', 'opened 1']);
    expect(
      told(
        run([change('payment', 0, { evidence: traced }), change('search', 200, { evidence: traced })])
          .notices,
      ),
    ).toEqual(['opened 1', 'updated 2']);
  });
});

describe('an incident', () => {
  it('that another rule of the same service joins is told quietly, a higher severity loudly', () => {
    const { notices } = run([
      change('payment', 0),
      change('payment', 20, { rule: 'latency', signal: 'latency' }),
      change('payment', 30, { rule: 'silence', signal: 'silence', severity: 'page' }),
    ]);
    expect(told(notices)).toEqual(['opened 1', 'updated (quiet) 2', 'updated 3']);
    expect(notices.map(({ first }) => first)).toEqual([['slack', 'mail'], [], ['pagerduty']]);
  });

  it('that comes back within ten minutes is the same again', () => {
    const first = run([change('payment', 0), resolved('payment', 0, 100)]);
    expect(told(run([change('payment', 400)], first.board).notices)).toEqual(['reopened 1']);
    expect(told(run([change('payment', 800)], first.board).notices)).toEqual(['opened 1']);
  });

  it('is reminded of after its repeat interval, unless somebody took it', () => {
    const { board } = run([change('payment', 0)]);
    expect(remind(board, context(3 * 3600)).notices).toEqual([]);
    const again = remind(board, context(4 * 3600 + 20));
    expect(told(again.notices)).toEqual(['reminded 1']);
    expect(remind(again.board, context(4 * 3600 + 90)).notices).toEqual([]);
    const taken = { ...board, incidents: board.incidents.map((one) => ({ ...one, acknowledgedBy: 'ana' })) };
    expect(remind(taken, context(5 * 3600)).notices).toEqual([]);
  });

  it('that was silenced before anybody heard of it stays unheard of', () => {
    const silenced = change('payment', 0, { to: 'silenced' });
    const over = change('payment', 0, { from: 'silenced', to: 'resolved' });
    expect(run([silenced, over]).notices).toEqual([]);
    const loud = change('payment', 0, { from: 'silenced', reason: 'silence ended', atMs: START + 600_000 });
    expect(told(run([silenced, loud]).notices)).toEqual(['opened 1']);
  });

  it('of two hundred services stays small enough for a document', () => {
    const long = { ...NO_EVIDENCE, samples: ['x'.repeat(400), 'y'.repeat(400), 'z'.repeat(400)] };
    const many = Array.from({ length: 200 }, (_, i) => change(`s${i}`, i, { evidence: long }));
    const { board } = run(many);
    expect(board.incidents).toHaveLength(1);
    expect(JSON.stringify(board).length).toBeLessThan(100_000);
    const apart = Array.from({ length: 400 }, (_, i) => change(`s${i}`, i * 100, { evidence: long }));
    expect(JSON.stringify(run(apart).board).length).toBeLessThan(500_000);
  });
});

describe('the likely origin', () => {
  const failing = (service: string, atS: number, traces: readonly [string, number][] = []) => ({
    service,
    startedAtMs: START + atS * 1000,
    traces: traces.map(([id, ms]) => ({ id, atMs: START + ms })),
  });

  it('is the first in time', () => {
    const { order, why } = originOf([
      failing('gateway', 40),
      failing('payment', 0),
      failing('inventory', 20),
    ]);
    expect(order).toEqual(['payment', 'inventory', 'gateway']);
    expect(why).toBe('20 s before inventory');
  });

  it('is the one whose errors come first in shared traces, where windows began together', () => {
    const { order, why } = originOf([
      failing('gateway', 0, [
        ['t1', 900],
        ['t2', 1900],
      ]),
      failing('payment', 10, [
        ['t1', 400],
        ['t2', 1500],
      ]),
    ]);
    expect(order[0]).toBe('payment');
    expect(why).toBe('first in 2 shared traces');
  });

  it('is not one that is ahead of others only, in traces that the first has no part in', () => {
    const { order } = originOf([
      failing('payment', 0, [['t0', 100]]),
      failing('inventory', 10, [['t1', 400]]),
      failing('gateway', 10, [['t1', 900]]),
    ]);
    expect(order).toEqual(['payment', 'gateway', 'inventory']);
  });

  it('is never one that failed long after the first', () => {
    const { order } = originOf([failing('gateway', 0, [['t1', 900]]), failing('payment', 60, [['t1', 400]])]);
    expect(order[0]).toBe('gateway');
  });
});

/** The state machine of one alert: its table, what a user sees of it, and laws that hold for any input. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlertState,
  advance,
  arrowFrom,
  idle,
  PHASES,
  type Seen,
  type Situation,
  type Surroundings,
  TABLE,
  type Transition,
} from '../../../functions/alert/policy.ts';
import type { Breach } from '../../../functions/alert/rules/evaluate.ts';
import { type RuleText, ruleShape } from '../../../functions/alert/rules/rule.ts';

interface Row {
  readonly from: string;
  readonly when: Partial<Situation>;
  readonly to: string;
  readonly reason: string;
}

const { rows } = JSON.parse(
  readFileSync(new URL('../../cases/alert-transitions.json', import.meta.url), 'utf8'),
) as { rows: readonly Row[] };

const WORDS = [
  'breached',
  'held',
  'recovered',
  'stale',
  'silenced',
  'tooOften',
  'steadyGood',
  'steadyBad',
  'forgotten',
] as const satisfies readonly (keyof Situation)[];

const situations: Situation[] = Array.from(
  { length: 2 ** WORDS.length },
  (_, bits) =>
    Object.fromEntries(WORDS.map((word, i) => [word, (bits & (1 << i)) > 0])) as unknown as Situation,
);

describe('the table of transitions', () => {
  it('is followed in every situation there can be', () => {
    let differing = 0;
    for (const phase of PHASES)
      for (const situation of situations) {
        const row = rows.find(
          ({ from, when }) =>
            from === phase &&
            Object.entries(when).every(([word, is]) => situation[word as keyof Situation] === is),
        );
        const arrow = arrowFrom(phase, situation);
        if (arrow?.to !== row?.to || arrow?.reason !== row?.reason) differing++;
      }
    expect(situations).toHaveLength(512);
    expect(differing).toBe(0);
  });
});

const SIZE = 10_000;
const START = Date.UTC(2026, 10, 20, 10);

const ruleOf = (changed: Partial<RuleText> = {}) =>
  ruleShape.parse({ name: 'error_spike', signal: 'error_rate', breach: { above: 0.1 }, ...changed });

const around = (
  nowMs: number,
  changed: Partial<RuleText> = {},
  silencedBy: string | null = null,
): Surroundings => ({
  rule: ruleOf(changed),
  nowMs,
  silencedBy,
  flapping: { firings: 4, within: 1_800_000, steady: 900_000 },
});

const windowAt = (index: number, breach: Breach, revision = 1): Seen => ({
  startMs: START + index * SIZE,
  endMs: START + (index + 1) * SIZE,
  revision,
  breach,
  value: breach === 0 ? 0.02 : 0.5,
  usual: 0.02,
});

const nowOf = ({ endMs }: Seen): number => endMs + 6_000;

/** Runs windows in order; returns the transitions as "from>to". */
function run(breaches: readonly Breach[], changed: Partial<RuleText> = {}) {
  let state = idle();
  const path: string[] = [];
  breaches.forEach((breach, i) => {
    const window = windowAt(i, breach);
    const next = advance(state, window, around(nowOf(window), changed));
    state = next.state;
    path.push(...next.transitions.map(({ from, to }) => `${i}:${from}>${to}`));
  });
  return { state, path };
}

describe('an alert', () => {
  it('fires when two of three windows break the rule, and not for a single one', () => {
    const points = { need: 2, of: 3 };
    expect(run([0, 1, 0, 0, 0], { points }).path).toEqual(['1:ok>pending', '4:pending>ok']);
    expect(run([0, 1, 0, 1], { points }).path).toEqual(['1:ok>pending', '3:pending>firing']);
    expect(run([0, 1, 0, 0, 1], { points }).path).toEqual(['1:ok>pending']);
  });

  it('fires at the first window that is beyond doubt', () => {
    const { path } = run([0, 2], { points: { need: 2, of: 3 }, certain: { above: 0.4 } });
    expect(path).toEqual(['1:ok>pending', '1:pending>firing']);
  });

  it('waits for as long as `for` says', () => {
    expect(run([1, 1, 1, 1], { for: '30s' }).path).toEqual(['0:ok>pending', '2:pending>firing']);
  });

  it('is over when it was good for clearAfter, not before', () => {
    const { path } = run([1, 0, 0, 1, 0, 0, 0], { clearAfter: '30s' });
    expect(path).toEqual(['0:ok>pending', '0:pending>firing', '6:firing>resolved']);
  });

  it('is over by the clock when nothing but one good window came', () => {
    const { state } = run([1, 0], { clearAfter: '60s' });
    const ticked = (ms: number) =>
      advance(state, null, around(START + ms, { clearAfter: '60s' })).state.phase;
    expect(ticked(60_000)).toBe('firing');
    expect(ticked(100_000)).toBe('resolved');
  });

  it('is not over because windows stop coming, until they have been gone for staleAfter', () => {
    const { state } = run([1]);
    const ticked = (ms: number, changed = {}) =>
      advance(state, null, around(START + ms, changed)).transitions;
    expect(ticked(300_000)).toEqual([]);
    expect(ticked(611_000)).toEqual([expect.objectContaining({ to: 'resolved', reason: 'no data' })]);
    expect(ticked(611_000, { noData: 'keep' })).toEqual([]);
  });

  it('keeps its identity while silenced, and is told when the silence ends before it does', () => {
    const first = advance(idle(), windowAt(0, 1), around(START + 16_000, {}, 'silence of ana'));
    expect(first.transitions.map(({ to }) => to)).toEqual(['pending', 'silenced']);
    const after = advance(first.state, null, around(START + 20_000));
    expect(after.transitions.map(({ to }) => to)).toEqual(['firing']);
    expect(after.state.startedAtMs).toBe(START);
    const again = advance(after.state, null, around(START + 21_000, {}, 'silence of ana'));
    expect(again.state.phase).toBe('silenced');
  });

  it('that fires too often flaps: told once, and held back until it is steady', () => {
    const cycle: readonly Breach[] = [1, 0, 0];
    const { state, path } = run(Array.from({ length: 8 }, () => cycle).flat(), { clearAfter: '10s' });
    expect(path.filter((step) => step.endsWith('>firing'))).toHaveLength(3);
    expect(path.filter((step) => step.endsWith('>flapping'))).toHaveLength(1);
    expect(state.phase).toBe('flapping');
    const calm = advance(state, null, around(START + 24 * SIZE + 1_000_000, { noData: 'keep' }));
    expect(calm.transitions).toEqual([
      expect.objectContaining({ to: 'resolved', reason: 'steady recovery' }),
    ]);
  });

  it('counts a late window where it belongs, not where it came', () => {
    const points = { need: 2, of: 3 };
    let state = idle();
    for (const window of [windowAt(10, 0), windowAt(2, 1), windowAt(1, 1)])
      state = advance(state, window, around(START + 120_000, { points })).state;
    expect(state.phase).toBe('ok');
    for (const window of [windowAt(12, 1), windowAt(11, 1)])
      state = advance(state, window, around(START + 140_000, { points })).state;
    expect(state.phase).toBe('firing');
    expect(state.startedAtMs).toBe(windowAt(11, 1).startMs);
  });

  it('believes the highest revision of a window', () => {
    const points = { need: 2, of: 3 };
    let state = idle();
    for (const window of [windowAt(0, 1), windowAt(1, 0), windowAt(1, 1, 2)])
      state = advance(state, window, around(nowOf(window), { points })).state;
    expect(state.phase).toBe('firing');
    const older = advance(state, windowAt(1, 0, 1), around(START + 40_000, { points }));
    expect(older.state).toBe(state);
  });
});

const steps = fc.array(
  fc.record({
    index: fc.integer({ min: 0, max: 40 }),
    breach: fc.constantFrom<Breach>(0, 0, 1, 1, 2),
    revision: fc.integer({ min: 1, max: 3 }),
    /** The clock, anywhere within an hour before and after. */
    jumpMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
    silenced: fc.boolean(),
    tick: fc.boolean(),
  }),
  { maxLength: 80 },
);

const rules = fc.record({
  points: fc.constantFrom({ need: 1, of: 1 }, { need: 2, of: 3 }, { need: 3, of: 5 }),
  for: fc.constantFrom('0s', '20s'),
  clearAfter: fc.constantFrom('1s', '10s', '60s'),
  noData: fc.constantFrom<'keep' | 'resolve'>('keep', 'resolve'),
});

const LEGAL = new Set(TABLE.map(({ from, to }) => `${from}>${to}`));
const ACTIVE = new Set(['firing', 'silenced', 'flapping']);

describe('whatever comes, in whatever order, at whatever time', () => {
  it('the path follows the arrows, and one alert is announced by one firing only, unless a silence lies between', () => {
    fc.assert(
      fc.property(steps, rules, (all, changed) => {
        let state: AlertState = idle();
        const told = new Map<string, number>();
        for (const { index, breach, revision, jumpMs, silenced, tick } of all) {
          const window = windowAt(index, breach, revision);
          const now = nowOf(window) + jumpMs;
          const by = silenced ? 'silence of ana' : null;
          const next = advance(state, tick ? null : window, around(now, changed, by));
          let at = state.phase;
          for (const { from, to } of next.transitions) {
            if (from !== at || !LEGAL.has(`${from}>${to}`)) return false;
            at = to;
            if (from === 'pending' && ACTIVE.has(to)) {
              const id = String(next.state.startedAtMs);
              told.set(id, (told.get(id) ?? 0) + 1);
            }
          }
          if (at !== next.state.phase) return false;
          state = next.state;
        }
        return [...told.values()].every((times) => times === 1);
      }),
    );
  });

  it('the same window twice changes nothing the second time', () => {
    fc.assert(
      fc.property(steps, rules, (all, changed) => {
        let state: AlertState = idle();
        for (const { index, breach, revision } of all) {
          const window = windowAt(index, breach, revision);
          const surroundings = around(nowOf(windowAt(40, 0)), changed);
          state = advance(state, window, surroundings).state;
          const again: readonly Transition[] = advance(state, window, surroundings).transitions;
          if (again.length > 0) return false;
        }
        return true;
      }),
    );
  });

  it('windows of one run fire in whatever order they come', () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(order, (indices) => {
        const points = { need: 3, of: 5 };
        const state = indices.reduce(
          (before, index) =>
            advance(before, windowAt(index, index % 2 === 0 ? 1 : 0), around(START + 60_000, { points }))
              .state,
          idle(),
        );
        return state.phase === 'firing' && state.startedAtMs === START;
      }),
    );
  });
});

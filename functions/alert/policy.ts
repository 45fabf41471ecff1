/**
 * Stage alert, the state machine of one fingerprint: one rule about one service.
 *
 *            a breach            enough, long enough                 good for clearAfter
 *     ok ──────────────▶ pending ──────────────────▶ firing ─────────────────────────────▶ resolved
 *      ▲                  │ │ │                       │  ▲ │ no window for staleAfter          │ │
 *      │ it was a blip    │ │ │ silenced     silenced │  │ └───────────────────────────────────┘ │
 *      ◀──────────────────┘ │ └────────▶ silenced ◀───┘  │ the silence ends              breach │
 *      ▲                    │                │  └────────┘                                      │
 *      │                    │ fired too      └── good for clearAfter ──▶ resolved               │
 *      │                    ▼ often                                                             │
 *      │                flapping ── bad for `steady` ──▶ firing                                 │
 *      │                    └────── good for `steady` ─▶ resolved                               │
 *      └──── forgotten after a while ─────────────────── resolved ──▶ pending ◀─────────────────┘
 *
 * The arrows are TABLE below, held against test/cases/alert-transitions.json. Pure: state, window or tick, and clock
 * come in; state and transitions go out.
 * Guarantee: a window counts once, at its highest revision, in whatever order windows come; the same input twice
 * changes nothing; a clock that jumps back makes nothing happen twice. Windows are judged in event time, so a late
 * window counts where it belongs; only what must happen without a window (recovery, no data, steadiness) asks the clock.
 */
import type { Breach } from './rules/evaluate.ts';
import type { Rule } from './rules/rule.ts';

export const PHASES = ['ok', 'pending', 'firing', 'silenced', 'flapping', 'resolved'] as const;
export type Phase = (typeof PHASES)[number];

/** What a rule made of one window. */
export interface Seen {
  readonly startMs: number;
  readonly endMs: number;
  readonly revision: number;
  readonly breach: Breach;
  readonly value: number;
  readonly usual: number | null;
}

export interface AlertState {
  readonly phase: Phase;
  /** The windows that may still count, by their start. */
  readonly seen: readonly Seen[];
  /** Newest window that the rule knew of; those that broke nothing before the first breach are not in `seen`. */
  readonly newestEndMs: number;
  /** The present run of breaches: start of its first window, end of its last; null: there is none. */
  readonly run: { readonly startMs: number; readonly endMs: number } | null;
  /** Start of the first window that broke the rule: with the fingerprint, the identity of the alert. */
  readonly startedAtMs: number;
  /** When the phase was entered. */
  readonly changedAtMs: number;
  /** Windows that end here or before are over and done with, however often they come. */
  readonly floorMs: number;
  /** The worst window so far. */
  readonly worst: { readonly value: number; readonly usual: number | null };
  /** When it fired, within the time that flapping looks at. */
  readonly firings: readonly number[];
}

/** What decides, beside the windows. */
export interface Surroundings {
  readonly rule: Rule;
  /** The wall clock; may jump. */
  readonly nowMs: number;
  /** What holds back its messages, in words; null: nothing. */
  readonly silencedBy: string | null;
  readonly flapping: { readonly firings: number; readonly within: number; readonly steady: number };
}

export interface Transition {
  readonly from: Phase;
  readonly to: Phase;
  readonly reason: string;
}

/** What is the case; the table asks for nothing else. */
export interface Situation {
  /** One of the windows that count broke the rule. */
  readonly breached: boolean;
  /** Enough of them did, for long enough. */
  readonly held: boolean;
  /** Good for clearAfter, and a good window was seen since the last breach. */
  readonly recovered: boolean;
  /** No window for staleAfter, and the rule does not say to keep it. */
  readonly stale: boolean;
  readonly silenced: boolean;
  /** Fired so often that once more is flapping. */
  readonly tooOften: boolean;
  /** Good, or bad, for as long as flapping wants it. */
  readonly steadyGood: boolean;
  readonly steadyBad: boolean;
  /** Resolved so long ago that nothing depends on it. */
  readonly forgotten: boolean;
}

interface Arrow extends Transition {
  /** All must be so. */
  readonly when: readonly (keyof Situation | `not ${keyof Situation}`)[];
}

/** The first arrow that holds is taken. */
export const TABLE: readonly Arrow[] = [
  { from: 'ok', when: ['breached'], to: 'pending', reason: 'breach' },
  { from: 'pending', when: ['held', 'silenced'], to: 'silenced', reason: 'silenced' },
  { from: 'pending', when: ['held', 'tooOften'], to: 'flapping', reason: 'fired too often' },
  { from: 'pending', when: ['held'], to: 'firing', reason: 'breach held' },
  { from: 'pending', when: ['not breached'], to: 'ok', reason: 'blip' },
  { from: 'pending', when: ['stale'], to: 'ok', reason: 'no data' },
  { from: 'firing', when: ['recovered'], to: 'resolved', reason: 'recovery' },
  { from: 'firing', when: ['stale'], to: 'resolved', reason: 'no data' },
  { from: 'firing', when: ['silenced'], to: 'silenced', reason: 'silenced' },
  { from: 'silenced', when: ['recovered'], to: 'resolved', reason: 'recovery' },
  { from: 'silenced', when: ['stale'], to: 'resolved', reason: 'no data' },
  { from: 'silenced', when: ['not silenced'], to: 'firing', reason: 'silence ended' },
  { from: 'flapping', when: ['steadyGood'], to: 'resolved', reason: 'steady recovery' },
  { from: 'flapping', when: ['stale'], to: 'resolved', reason: 'no data' },
  { from: 'flapping', when: ['steadyBad'], to: 'firing', reason: 'steady breach' },
  { from: 'resolved', when: ['breached'], to: 'pending', reason: 'breach' },
  { from: 'resolved', when: ['forgotten'], to: 'ok', reason: 'forgotten' },
];

/** Windows may come so much later than their end; until then the clock says nothing about event time. */
const SETTLE_MS = 30_000;

/** The state before anything was seen. */
export const idle = (newestEndMs = 0): AlertState => ({
  phase: 'ok',
  seen: [],
  newestEndMs,
  run: null,
  startedAtMs: 0,
  changedAtMs: 0,
  floorMs: 0,
  worst: { value: 0, usual: null },
  firings: [],
});

export interface Advanced {
  readonly state: AlertState;
  readonly transitions: readonly Transition[];
}

/** Takes in a window, or none: the clock moved. The state is the same object when nothing changed. */
export function advance(state: AlertState, window: Seen | null, around: Surroundings): Advanced {
  let next = window === null ? state : takeIn(state, window, around.rule);
  const transitions: Transition[] = [];
  // No circle is longer than the number of phases; breached and not breached exclude each other.
  for (let i = 0; i < PHASES.length; i++) {
    const arrow = arrowFrom(next.phase, situationOf(next, around));
    if (arrow === null) break;
    transitions.push(arrow);
    next = entered(next, arrow, around);
  }
  return { state: next, transitions };
}

/** The arrow of the table that leads away from a phase; null: it stays. */
export function arrowFrom(phase: Phase, situation: Situation): Transition | null {
  for (const { from, when, to, reason } of TABLE) {
    if (from !== phase) continue;
    const holds = when.every((word) =>
      word.startsWith('not ')
        ? !situation[word.slice(4) as keyof Situation]
        : situation[word as keyof Situation],
    );
    if (holds) return { from, to, reason };
  }
  return null;
}

function takeIn(state: AlertState, window: Seen, rule: Rule): AlertState {
  if (window.endMs <= state.floorMs) return state;
  const known = state.seen.find(({ startMs }) => startMs === window.startMs);
  if (known !== undefined && known.revision >= window.revision) return state;
  const seen = [...state.seen.filter((one) => one !== known), window].sort((a, b) => a.startMs - b.startMs);
  const newestEndMs = Math.max(state.newestEndMs, window.endMs);
  const reachMs = rule.points.of * (window.endMs - window.startMs);
  const kept = seen.filter(({ endMs }) => endMs > newestEndMs - reachMs);
  return {
    ...state,
    seen: kept,
    newestEndMs,
    run: runOf(state.run, kept, reachMs),
    worst: worse(state, window),
  };
}

/** The run grows with breaches that touch it, and begins anew after a gap in which nothing counts any more. */
function runOf(run: AlertState['run'], seen: readonly Seen[], reachMs: number): AlertState['run'] {
  let grown = run;
  for (const { startMs, endMs, breach } of seen) {
    if (breach === 0) continue;
    grown =
      grown === null || startMs > grown.endMs + reachMs
        ? { startMs, endMs }
        : { startMs: Math.min(grown.startMs, startMs), endMs: Math.max(grown.endMs, endMs) };
  }
  return grown;
}

function worse(state: AlertState, { breach, value, usual }: Seen): AlertState['worst'] {
  const first = state.phase === 'ok' || state.phase === 'resolved';
  return breach > 0 && (first || value > state.worst.value) ? { value, usual } : state.worst;
}

function situationOf(state: AlertState, { rule, nowMs, silencedBy, flapping }: Surroundings): Situation {
  const { seen, run, newestEndMs } = state;
  const sizeMs = seen.length === 0 ? 0 : seen.at(-1)!.endMs - seen.at(-1)!.startMs;
  const counting = seen.filter(({ endMs }) => endMs > newestEndMs - rule.points.of * sizeMs);
  const points = counting.reduce((sum, { breach }) => sum + weight(breach, rule.points.need), 0);
  const lastBadMs = run?.endMs ?? Number.NEGATIVE_INFINITY;
  const reachedMs = Math.max(newestEndMs, nowMs - SETTLE_MS);
  const isGood = newestEndMs > lastBadMs;
  const lastGoodMs = seen.findLast(({ breach }) => breach === 0)?.endMs ?? Number.NEGATIVE_INFINITY;
  return {
    breached: points > 0,
    held: points >= rule.points.need && run !== null && run.endMs - run.startMs >= rule.for,
    recovered: isGood && reachedMs - lastBadMs >= rule.clearAfter,
    stale: rule.noData === 'resolve' && nowMs - newestEndMs >= rule.staleAfter,
    silenced: silencedBy !== null,
    tooOften: recent(state.firings, nowMs, flapping.within).length + 1 >= flapping.firings,
    steadyGood: isGood && reachedMs - lastBadMs >= flapping.steady,
    steadyBad: !isGood && nowMs - Math.max(state.changedAtMs, lastGoodMs) >= flapping.steady,
    forgotten: nowMs - state.changedAtMs >= flapping.within,
  };
}

const weight = (breach: Breach, need: number): number => (breach === 2 ? need : breach);

function entered(state: AlertState, { from, to }: Transition, around: Surroundings): AlertState {
  const { nowMs, flapping } = around;
  const changed = { ...state, phase: to, changedAtMs: nowMs };
  const floorMs = Math.max(state.floorMs, state.run?.endMs ?? state.floorMs);
  if (to === 'ok') {
    const firings = recent(state.firings, nowMs, flapping.within);
    return { ...idle(state.newestEndMs), changedAtMs: nowMs, floorMs, firings };
  }
  // What broke it is dealt with; only a new breach begins again.
  if (to === 'resolved') return { ...changed, seen: [], run: null, floorMs };
  if (from !== 'pending') return changed;
  // Until now a late window could still have been the first.
  const begun = { ...changed, startedAtMs: state.run?.startMs ?? nowMs };
  return to !== 'silenced'
    ? { ...begun, firings: [...recent(state.firings, nowMs, flapping.within), nowMs] }
    : begun;
}

const recent = (times: readonly number[], nowMs: number, withinMs: number): readonly number[] =>
  times.filter((atMs) => nowMs - atMs < withinMs);

/**
 * The life of a window, as a pure decision table (its transitions are test data: test/cases/window-life.json).
 *
 *              fire, new parts          rows written
 *   (none) ─────────────────▶ claimed ───────────────▶ written
 *                               ▲  ▲ │ fire, same parts     │ fire, same parts → nothing to do
 *                               │  └─┘ → write again        │
 *                               └───────────────────────────┘ fire, new parts → next revision
 *
 *   any state ── fire after the window is over, or with fewer parts than were merged (they expired) ──▶
 *                unchanged: the window is sealed
 *
 * A revision is claimed, with the digest of the parts it merges, before its rows are written: so the rows of one
 * revision are always made of the same parts, whoever writes them and how often. (session-state.ts: the same for
 * sessions, which also merge.)
 */
import type { TimeWindow } from '../stream/window.ts';
import { isOver, sealAt } from './retention.ts';
import type { RowState, StoredPart, WindowState } from './store.ts';
import { hash } from './window-id.ts';

/** What a firing does: claim a revision and write it, write a claimed one (again), or nothing and why. */
export type Firing =
  | { readonly act: 'claim' | 'write'; readonly next: WindowState }
  | { readonly act: 'none'; readonly why: 'empty' | 'unchanged' | 'sealed' | 'open' };

export interface FiringSettings {
  readonly nowMs: number;
  /** Allowed lateness and longest redelivery, in ms. */
  readonly retentionMs: number;
}

/** Decides a firing from the state of the window and the parts found. */
export function decideFiring(
  state: WindowState | null,
  window: TimeWindow,
  parts: readonly StoredPart[],
  { nowMs, retentionMs }: FiringSettings,
): Firing {
  if (parts.length === 0) return { act: 'none', why: state === null ? 'empty' : 'sealed' };
  const digest = digestOf(parts);
  const row = state?.rows[0];
  if (state === null || row === undefined) {
    const first = claimed({ ...window, revision: 0 }, window.end, digest, parts.length);
    const sealAtMs = sealAt(firstPartial(parts), window.end, retentionMs);
    return { act: 'claim', next: { rows: [first], sealAtMs } };
  }
  if (digest === row.digest) {
    return row.written ? { act: 'none', why: 'unchanged' } : { act: 'write', next: state };
  }
  if (parts.length < row.parts || isOver(state.sealAtMs, nowMs)) return { act: 'none', why: 'sealed' };
  return { act: 'claim', next: { ...state, rows: [claimed(row, row.end, digest, parts.length)] } };
}

/** The next revision of a row. */
export const claimed = (
  { start, revision }: Pick<RowState, 'start' | 'revision'>,
  end: number,
  digest: string,
  parts: number,
): RowState => ({ start, end, revision: revision + 1, digest, parts, written: false, tombstone: false });

/** What identifies a set of parts; they come in order of their ids. */
export const digestOf = (parts: readonly StoredPart[]): string => hash(parts.map(({ id }) => id).join('\n'));

/** When the first of the parts was created. */
export const firstPartial = (parts: readonly StoredPart[]): number =>
  parts.reduce((first, { createdAtMs }) => Math.min(first, createdAtMs), Number.POSITIVE_INFINITY);

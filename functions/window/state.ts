/**
 * The life of a window, as a pure decision table (its transitions are test data).
 *
 *              fire, new parts          rows written
 *   (none) ─────────────────▶ claimed ───────────────▶ written
 *                               ▲  ▲ │ fire, same parts     │ fire, same parts → nothing to do
 *                               │  └─┘ → write again        │
 *                               └───────────────────────────┘ fire, new parts → next revision
 *
 *   any state ── fire with fewer parts than were merged (they expired) ──▶ unchanged: the window is sealed
 *
 * A revision is claimed, with the digest of the parts it merges, before its rows are written: so the rows of one
 * revision are always made of the same parts, whoever writes them and how often.
 */
import type { StoredPart, WindowState } from './store.ts';
import { hash } from './window-id.ts';

/** What a firing does: claim a revision and write it, write a claimed one (again), or nothing and why. */
export type Firing =
  | { readonly act: 'claim'; readonly next: WindowState }
  | { readonly act: 'write'; readonly next: WindowState }
  | { readonly act: 'none'; readonly why: 'empty' | 'unchanged' | 'sealed' };

/** Decides a firing from the state of the window and the parts found. `retentionMs`: how long parts are kept. */
export function decideFiring(
  state: WindowState | null,
  parts: readonly StoredPart[],
  nowMs: number,
  retentionMs: number,
): Firing {
  if (parts.length === 0) return { act: 'none', why: state === null ? 'empty' : 'sealed' };
  const digest = hash(parts.map((part) => part.id).join('\n'));
  if (state === null) {
    const next = { revision: 1, digest, parts: parts.length, written: false, sealAtMs: nowMs + retentionMs };
    return { act: 'claim', next };
  }
  if (parts.length < state.parts) return { act: 'none', why: 'sealed' };
  if (digest === state.digest) {
    return state.written ? { act: 'none', why: 'unchanged' } : { act: 'write', next: state };
  }
  const next = { ...state, revision: state.revision + 1, digest, parts: parts.length, written: false };
  return { act: 'claim', next };
}

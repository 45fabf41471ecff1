/**
 * Whether a rebuilt window may be written, and as what: a pure decision, between what the live path has counted in it
 * and what the archive holds. The revision is claimed under the store's precondition, as a firing does.
 *
 *   not over yet ───────────────────────────────────▶ open: left to the live path
 *   a counted partial is of no batch found ─────────▶ short: the archive holds less than the row
 *   partials expired, and more were counted ────────▶ short
 *   else ───────────────────────────────────────────▶ the next revision, of all batches found
 *
 * A window that the live path may still add to stays open to it: the state then holds the ids of the partials that
 * the batches found have, or will have, so a later firing finds the same, or more and makes a revision. A window past
 * its lateness is sealed: what backfill brings from then on goes to late_entries until the next replay.
 */
import type { TimeWindow } from '../stream/window.ts';
import { sealAt } from '../window/retention.ts';
import { claimed, digestOf } from '../window/state.ts';
import type { StoredPart, WindowState } from '../window/store.ts';
import { type JobWindow, partialId } from '../window/window-id.ts';

export type Decision =
  | { readonly act: 'write'; readonly next: WindowState }
  | { readonly act: 'skip'; readonly why: 'open' | 'short' };

/** What is known of a window. */
export interface Found {
  readonly of: JobWindow;
  readonly state: WindowState | null;
  /** Ids of the batches in the archive that add to it. */
  readonly batches: readonly string[];
  /** Partials that the live path has committed and that have not expired. */
  readonly live: readonly StoredPart[];
  /** The highest revision among the rows of the table; 0: none. */
  readonly writtenRevision: number;
}

export interface DecisionSettings {
  readonly nowMs: number;
  readonly outOfOrdernessMs: number;
  readonly allowedLatenessMs: number;
  /** Allowed lateness and longest redelivery, in ms. */
  readonly retentionMs: number;
  /** Writes what is short, too. */
  readonly force: boolean;
}

/** A partial of a batch with so many services and values that it takes several documents is cut into pieces. */
const MAX_PIECES = 32;

/** Decides on a window. */
export function decideReplay(found: Found, settings: DecisionSettings): Decision {
  const { of, state, live } = found;
  const { nowMs, outOfOrdernessMs, force } = settings;
  if (of.window.end + outOfOrdernessMs > nowMs) return { act: 'skip', why: 'open' };
  const { ids, unknown } = partialsOf(found);
  const row = state?.rows[0];
  if (!force && (unknown > 0 || (row !== undefined && row.parts > ids.length)))
    return { act: 'skip', why: 'short' };
  const revision = Math.max(row?.revision ?? 0, found.writtenRevision);
  const next = claimed({ start: of.window.start, revision }, of.window.end, digest(ids), ids.length);
  const sealAtMs = state?.sealAtMs ?? sealAt(firstSeen(live, nowMs), of.window.end, settings.retentionMs);
  return {
    act: 'write',
    next: { rows: [next], sealAtMs: isPast(of.window, settings) ? Math.min(sealAtMs, nowMs) : sealAtMs },
  };
}

/** The ids that the partials of the batches have, with those found that are further pieces of them. */
function partialsOf({ of, batches, live }: Found): {
  readonly ids: readonly string[];
  readonly unknown: number;
} {
  const ids = new Set(batches.map((batch) => partialId(of, batch, 0)));
  const others = live.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
  if (others.length > 0) {
    const pieces = new Set<string>();
    for (const batch of batches)
      for (let piece = 1; piece < MAX_PIECES; piece++) pieces.add(partialId(of, batch, piece));
    for (const id of others) if (pieces.has(id)) ids.add(id);
  }
  return { ids: [...ids].sort(), unknown: others.filter((id) => !ids.has(id)).length };
}

const digest = (ids: readonly string[]): string =>
  digestOf(ids.map((id) => ({ id, data: '', createdAtMs: 0 })));

const firstSeen = (live: readonly StoredPart[], nowMs: number): number =>
  live.reduce((first, { createdAtMs }) => Math.min(first, createdAtMs), nowMs);

/** Whether the live path takes nothing more, but backfill. */
const isPast = (
  { end }: TimeWindow,
  { nowMs, outOfOrdernessMs, allowedLatenessMs }: DecisionSettings,
): boolean => end - 1 + allowedLatenessMs <= nowMs - outOfOrdernessMs;

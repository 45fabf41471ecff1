/**
 * The life of sessions, as a pure decision table (its transitions are test data: test/cases/session-life.json).
 *
 * Each start of a session has a row, with the life of a window (state.ts). Sessions only grow, and what makes one grow
 * may reach others:
 *
 *   later end, same start ──▶ the row's next revision
 *   earlier start ──────────▶ the row of the old start is claimed as a tombstone, the row of the new start as revision 1
 *   two sessions merge ─────▶ tombstone for the right one's row, next revision for the left one's
 *
 *   claimed ── written ──▶ written          tombstone claimed ── written ──▶ gone: views leave the row out
 *
 *   a session smaller than a row that it should hold, or of fewer parts ──▶ unchanged: parts expired, it is sealed
 *
 * All rows that one session changes, also in several buckets, are claimed in one commit, before any is written.
 */
import type { TimeWindow } from '../stream/window.ts';
import { claimed, digestOf } from './state.ts';
import type { RowState, StoredPart } from './store.ts';

/** A session as the partials tell: its fragments overlap or touch. */
export interface Session {
  readonly window: TimeWindow;
  /** In order of their ids. */
  readonly parts: readonly StoredPart[];
}

/** What a firing does about one session. */
export type SessionFiring =
  | { readonly act: 'claim' | 'write'; readonly rows: readonly RowState[] }
  | { readonly act: 'none'; readonly why: 'unchanged' | 'sealed' };

/** The sessions that parts form, by start. A part without a span is in none. */
export function sessionsOf(parts: readonly StoredPart[]): Session[] {
  const sessions: { window: { start: number; end: number }; parts: StoredPart[] }[] = [];
  const spanned = parts.flatMap((part) => (part.span === undefined ? [] : [{ part, span: part.span }]));
  for (const { part, span } of spanned.sort((a, b) => a.span.start - b.span.start)) {
    const last = sessions.at(-1);
    if (last !== undefined && span.start <= last.window.end) {
      last.window.end = Math.max(last.window.end, span.end);
      last.parts.push(part);
    } else sessions.push({ window: { ...span }, parts: [part] });
  }
  for (const session of sessions) session.parts.sort((a, b) => (a.id < b.id ? -1 : 1));
  return sessions;
}

/** Decides about a session that is over, from the rows of the buckets in which it has parts. */
export function decideSession({ window, parts }: Session, rows: readonly RowState[]): SessionFiring {
  const met = rows.filter((row) => row.start <= window.end && row.end >= window.start);
  const live = met.filter((row) => !row.tombstone);
  const outgrown = live.some((row) => row.start < window.start || row.end > window.end);
  const partsBefore = live.reduce((sum, row) => sum + row.parts, 0);
  if (outgrown || parts.length < partsBefore) return { act: 'none', why: 'sealed' };

  const digest = digestOf(parts);
  const same = met.find((row) => row.start === window.start);
  const swallowed = live.filter((row) => row !== same);
  if (same !== undefined && same.digest === digest && swallowed.length === 0) {
    const unwritten = met.filter((row) => !row.written);
    return unwritten.length === 0 ? { act: 'none', why: 'unchanged' } : { act: 'write', rows: unwritten };
  }
  const tombstones = met
    .filter((row) => row !== same && !(row.tombstone && row.written))
    .map((row) => (row.tombstone ? row : tombstone(row)));
  const row = claimed(same ?? { start: window.start, revision: 0 }, window.end, digest, parts.length);
  return { act: 'claim', rows: [row, ...tombstones] };
}

const tombstone = (row: RowState): RowState => ({
  ...claimed(row, row.end, '', 0),
  tombstone: true,
});

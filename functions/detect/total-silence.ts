/**
 * Silence of everybody: no entry comes, so no window has a partial, and none closes. `sweep` therefore fires the last
 * window that is over once a minute, and `close` judges, where it finds that nothing came, the windows since the last
 * one in which anybody spoke, empty as they are.
 *
 * Such windows have revision 0: what comes for them after all makes them close with a higher one, and is judged then.
 */
import type { ClosedWindow } from './preparation.ts';
import { startsBefore } from './preparation.ts';
import type { DetectStore } from './store.ts';

/** Oldest first; none while somebody spoke within `silenceMs`, or when nobody has for longer than is remembered. */
export async function silentWindows(
  { startMs, endMs }: Pick<ClosedWindow, 'startMs' | 'endMs'>,
  store: Pick<DetectStore, 'notesOf'>,
  silenceMs: number,
): Promise<readonly ClosedWindow[]> {
  const sizeMs = endMs - startMs;
  const empty = (fromMs: number): ClosedWindow => ({
    ...{ startMs: fromMs, endMs: fromMs + sizeMs, revision: 0 },
    ...{ incomplete: false, backfill: false, services: new Map() },
  });
  const notes = await store.notesOf([...startsBefore([empty(startMs)]), startMs]);
  const spokenMs = notes
    .filter(({ services }) => [...services.values()].some(({ row }) => row.entries > 0))
    .map((one) => one.startMs)
    .reduce((last, one) => Math.max(last, one), Number.NEGATIVE_INFINITY);
  if (spokenMs === Number.NEGATIVE_INFINITY || startMs - spokenMs < silenceMs) return [];
  const known = new Set(notes.map((one) => one.startMs));
  const silent: ClosedWindow[] = [];
  for (let at = spokenMs + sizeMs; at <= startMs; at += sizeMs) if (!known.has(at)) silent.push(empty(at));
  return silent;
}

/**
 * Cloud Scheduler on the laptop: calls a URL with POST every so often. A call that fails or that is still running
 * at the next beat is passed over; the next one comes anyway.
 */
import type { Timers } from '../timers.ts';

/** Starts calling; the first call comes after `firstMs`. Returns what stops it. */
export function callEvery(
  everyMs: number,
  url: string,
  timers: Timers,
  firstMs = everyMs,
): () => Promise<void> {
  let cancel: () => void;
  let calling: Promise<unknown> = Promise.resolve();
  const stopping = new AbortController();
  const beat = (): void => {
    cancel = timers.after(everyMs, beat);
    calling = fetch(url, { method: 'POST', signal: stopping.signal }).catch(() => undefined);
  };
  cancel = timers.after(firstMs, beat);
  return async () => {
    cancel();
    stopping.abort();
    await calling;
  };
}

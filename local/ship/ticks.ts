import type { Timers } from '../timers.ts';

/**
 * The chunks as they come, and null when none came for `tickMs` after one did, so that what is held back for more
 * can be let go. Ends early when the signal aborts.
 */
export async function* withTicks<T>(
  chunks: AsyncIterable<T>,
  timers: Timers,
  tickMs: number,
  signal: AbortSignal,
): AsyncGenerator<T | null> {
  const iterator = chunks[Symbol.asyncIterator]();
  const ABORTED = Symbol('aborted');
  const aborted = new Promise<typeof ABORTED>((resolve) => {
    if (signal.aborted) resolve(ABORTED);
    signal.addEventListener('abort', () => resolve(ABORTED), { once: true });
  });
  let cancel: () => void = () => undefined;
  let tick: Promise<null> | null = null;
  try {
    for (let next = iterator.next(); ; ) {
      const first = await Promise.race([next, aborted, ...(tick ? [tick] : [])]);
      if (first === ABORTED) return;
      if (first === null) {
        tick = null;
        yield null;
        continue;
      }
      if (first.done) return;
      tick ??= new Promise((resolve) => {
        cancel = timers.after(tickMs, () => resolve(null));
      });
      yield first.value;
      next = iterator.next();
    }
  } finally {
    cancel();
  }
}

/**
 * Time for the laptop cloud: what happens "in n ms" (ack deadlines, retries, scheduled tasks) goes through
 * this, so that tests move time by hand and never sleep.
 */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `fn` once after `delayMs` (0 or less: as soon as possible). Returns a function that cancels it. */
  after(delayMs: number, fn: () => void): () => void;
}

/** The machine's own clock. Pending timers do not keep the process alive. */
export const wallTimers: Timers = {
  now: () => Date.now(),
  after(delayMs, fn) {
    // setTimeout overflows past 2^31-1 ms and would fire at once; longer waits are taken in steps.
    const maxDelayMs = 2 ** 31 - 1;
    let handle: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(Math.max(leftMs, 0), maxDelayMs);
      handle = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : fn()), stepMs);
      handle.unref();
    };
    arm(delayMs);
    return () => clearTimeout(handle);
  },
};

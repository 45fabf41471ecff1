/**
 * The dispatch rate of a queue: tokens drip in at a steady rate up to a burst, each dispatch takes one. Pure but
 * for its own count; the clock is an argument.
 */
export class TokenBucket {
  #tokens: number;
  #refilledMs: number;
  #ratePerSecond: number;
  #burst: number;

  /** Starts full. */
  constructor(ratePerSecond: number, burst: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#refilledMs = nowMs;
  }

  /** New limits from now on. */
  adjust(ratePerSecond: number, burst: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#tokens = Math.min(this.#tokens, burst);
  }

  /** Takes a token and returns 0, or takes none and returns the milliseconds until there is one. */
  take(nowMs: number): number {
    this.#refill(nowMs);
    // A hair under one counts as one: sums of fractions must not cost a wait of a billionth of a second.
    if (this.#tokens >= 1 - 1e-9) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) * 1000) / this.#ratePerSecond);
  }

  #refill(nowMs: number): void {
    const gained = (Math.max(0, nowMs - this.#refilledMs) * this.#ratePerSecond) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#refilledMs = nowMs;
  }
}

/**
 * How many pushes one subscription has under way: grows by one a success until it first failed (so it doubles with
 * each round), then by one a round; a failure halves it, once a round. Never below 1. Pure.
 * Source: "slow-start algorithm", https://cloud.google.com/pubsub/docs/push#quotas, in the manner of TCP.
 */
export class PushWindow {
  readonly #max: number;
  #size = 1;
  #threshold: number;
  #round = 0;

  constructor(max: number) {
    this.#max = max;
    this.#threshold = max;
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  /** To be remembered by a push that begins now. */
  get round(): number {
    return this.#round;
  }

  succeeded(): void {
    const step = this.#size < this.#threshold ? 1 : 1 / this.#size;
    this.#size = Math.min(this.#max, this.#size + step);
  }

  /** Failures of pushes that began before the window last shrank tell nothing new. */
  failed(round: number): void {
    if (round !== this.#round) return;
    this.#threshold = Math.max(1, this.#size / 2);
    this.#size = this.#threshold;
    this.#round++;
  }

  /** Nobody listens: begins anew. */
  collapse(): void {
    this.#threshold = Math.max(1, this.#size / 2);
    this.#size = 1;
    this.#round++;
  }
}

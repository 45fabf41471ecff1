/** What goes wrong between a function and a service, and when. The same seed goes wrong the same way. */
import { random } from '../random.ts';

/**
 * latency: an answer comes late · 429, 500, 503: refused, or answered so although it was done · reset: the connection
 * breaks before or after the work was done · half: the answer breaks off in its middle.
 */
export const FAULTS = ['latency', '429', '500', '503', 'reset', 'half'] as const;
export type Fault = (typeof FAULTS)[number];

export const LATE_MS = 1_500;

/** What befalls one call. `done`: the service does the work all the same. */
export interface Mishap {
  readonly fault: Fault;
  readonly done: boolean;
}

/** Decides for each call; counts. */
export class Fate {
  /** null: all is well. */
  fault: Fault | null = null;
  calls = 0;
  mishaps = 0;
  readonly #share: number;
  readonly #next: () => number;

  constructor(share: number, seed: number) {
    this.#share = share;
    this.#next = random(seed);
  }

  /** null: nothing befalls the call. */
  of(): Mishap | null {
    this.calls++;
    if (this.fault === null || this.#next() >= this.#share) return null;
    this.mishaps++;
    const { fault } = this;
    return { fault, done: fault === 'latency' || fault === 'half' || this.#next() < 0.5 };
  }

  /** A new count, for what goes wrong from now on. */
  begin(fault: Fault | null): void {
    this.fault = fault;
    this.calls = 0;
    this.mishaps = 0;
  }
}

export interface FaultProxy {
  readonly port: number;
  readonly fate: Fate;
  close(): Promise<void>;
}

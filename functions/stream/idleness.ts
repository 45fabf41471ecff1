/**
 * Whether an input has fallen silent. Pure: the clock is an argument.
 *
 * The countdown starts at the first check that finds nothing new since the check before, and ends when strictly
 * more than the timeout has passed, as in Flink's WatermarksWithIdleness.
 */
import { checkDuration } from './assigner.ts';
import { flinkRules, type Rules } from './rules.ts';

export class IdlenessTimer {
  readonly #timeoutMs: number;
  readonly #rules: Rules;
  #active = false;
  #quietSinceMs: number | null = null;

  /** Throws a RangeError if the timeout is not a positive whole number of ms. */
  constructor(timeoutMs: number, rules: Rules = flinkRules) {
    checkDuration('idle timeout', timeoutMs);
    this.#timeoutMs = timeoutMs;
    this.#rules = rules;
  }

  /** Something came. */
  onEvent(): void {
    this.#active = true;
  }

  /** Whether the input is idle now. Ask regularly: asking starts the countdown. */
  check(nowMs: number): boolean {
    if (this.#active) {
      this.#active = false;
      this.#quietSinceMs = null;
      return false;
    }
    if (this.#quietSinceMs === null) {
      this.#quietSinceMs = nowMs;
      return false;
    }
    return this.#rules.isIdle(nowMs - this.#quietSinceMs, this.#timeoutMs);
  }
}

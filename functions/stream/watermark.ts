/**
 * Event time of one input: watermark = highest timestamp − bound − 1, which says that nothing at or before it is
 * still to come.
 *
 * Guarantee: it never goes back, and one clock far in the future does not close everybody's windows: timestamps
 * further than `maxAheadMs` ahead of now move no time and are counted. When it is our clock that is behind, all
 * timestamps are, and time stands still until it is put right.
 * Source: Flink's BoundedOutOfOrdernessWatermarks; the clamp is ours.
 */
import { checkDuration, checkTimestamp } from './assigner.ts';
import { flinkRules, type Rules } from './rules.ts';
import { START_OF_TIME } from './window.ts';

/** How event time advances, as data, after Flink's WatermarkStrategy. */
export interface WatermarkStrategy {
  /** How far elements may be out of order, in ms. */
  readonly outOfOrdernessMs: number;
  /** An input that is silent for longer does not hold back the others, in ms; null: never idle. */
  readonly idleTimeoutMs: number | null;
  /** Elements further ahead of the clock do not move time, in ms; null: all do. */
  readonly maxAheadMs: number | null;
}

/** Elements come at most `outOfOrdernessMs` late: `boundedOutOfOrderness(seconds(5), { idleTimeoutMs: 60_000 })`. */
export function boundedOutOfOrderness(
  outOfOrdernessMs: number,
  options: Partial<Omit<WatermarkStrategy, 'outOfOrdernessMs'>> = {},
): WatermarkStrategy {
  if (!Number.isSafeInteger(outOfOrdernessMs) || outOfOrdernessMs < 0)
    throw new RangeError(
      `out-of-orderness must be a whole number of ms of at least 0, not ${outOfOrdernessMs}`,
    );
  const { idleTimeoutMs = null, maxAheadMs = null } = options;
  if (idleTimeoutMs !== null) checkDuration('idle timeout', idleTimeoutMs);
  if (maxAheadMs !== null && !(maxAheadMs >= 0))
    throw new RangeError(`max ahead must be a number of ms of at least 0, not ${maxAheadMs}`);
  return { outOfOrdernessMs, idleTimeoutMs, maxAheadMs };
}

/** Elements come in order. */
export const monotonousTimestamps = (): WatermarkStrategy => boundedOutOfOrderness(0);

/** The watermark of one input. */
export class WatermarkGenerator {
  readonly #strategy: WatermarkStrategy;
  readonly #rules: Rules;
  #highestMs = START_OF_TIME;
  #clamped = 0;

  constructor(strategy: WatermarkStrategy, rules: Rules = flinkRules) {
    this.#strategy = strategy;
    this.#rules = rules;
  }

  /**
   * Takes note of an element; `nowMs` is the clock, for `maxAheadMs`.
   * Throws a RangeError if the timestamp is no time.
   */
  onEvent(timestampMs: number, nowMs: number): void {
    const { maxAheadMs } = this.#strategy;
    const time = checkTimestamp(timestampMs);
    if (maxAheadMs !== null && time > nowMs + maxAheadMs) {
      this.#clamped++;
      return;
    }
    this.#highestMs = this.#rules.advance(this.#highestMs, time);
  }

  /** The watermark; START_OF_TIME before any element. */
  get watermarkMs(): number {
    return this.#rules.addTime(this.#highestMs, -this.#rules.watermarkLag(this.#strategy.outOfOrdernessMs));
  }

  /** Elements that were too far ahead to move time. */
  get clamped(): number {
    return this.#clamped;
  }
}

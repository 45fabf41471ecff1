/**
 * Event time over several inputs: the lowest watermark of those that are active; when all are idle, the highest.
 *
 * Guarantee: it never goes back, also when an idle input wakes behind. An input that was declared and has said
 * nothing holds time at its start.
 * Source: Flink's WatermarkOutputMultiplexer.
 */
import { flinkRules, type Rules } from './rules.ts';
import { START_OF_TIME } from './window.ts';

interface Input {
  watermarkMs: number;
  idle: boolean;
}

export class CombinedWatermark {
  readonly #rules: Rules;
  readonly #inputs = new Map<string, Input>();
  #watermarkMs = START_OF_TIME;
  #idle = false;

  constructor(rules: Rules = flinkRules) {
    this.#rules = rules;
  }

  /** The combined watermark; START_OF_TIME while an active input has none. */
  get watermarkMs(): number {
    return this.#watermarkMs;
  }

  /** Whether all inputs are idle. */
  get idle(): boolean {
    return this.#idle;
  }

  /** Says that there is an input, so that time waits for it. */
  declare(name: string): void {
    this.#input(name);
  }

  /** The watermark of an input, which is thereby active. */
  update(name: string, watermarkMs: number): void {
    const input = this.#input(name);
    if (watermarkMs === input.watermarkMs && !input.idle) return;
    input.watermarkMs = this.#rules.advance(input.watermarkMs, watermarkMs);
    input.idle = false;
    this.#combine();
  }

  markIdle(name: string): void {
    this.#input(name).idle = true;
    this.#combine();
  }

  markActive(name: string): void {
    this.#input(name).idle = false;
    this.#combine();
  }

  /** Takes an input out; time moves on at the next change of another. False: there was none. */
  remove(name: string): boolean {
    return this.#inputs.delete(name);
  }

  #input(name: string): Input {
    let input = this.#inputs.get(name);
    if (input === undefined) {
      input = { watermarkMs: START_OF_TIME, idle: false };
      this.#inputs.set(name, input);
    }
    return input;
  }

  #combine(): void {
    const inputs = [...this.#inputs.values()];
    const active = this.#rules.leavesOutIdle() ? inputs.filter(({ idle }) => !idle) : inputs;
    this.#idle = inputs.every(({ idle }) => idle);
    const watermarks = (these: readonly Input[]) => these.map(({ watermarkMs }) => watermarkMs);
    const proposed = this.#idle
      ? this.#rules.combineIdle(watermarks(inputs))
      : this.#rules.combine(watermarks(active));
    this.#watermarkMs = this.#rules.advance(this.#watermarkMs, proposed);
  }
}

/**
 * Flink's window semantics once more, by other means and without regard to cost: every element is kept, and at
 * each step everything is worked out anew. The operator is compared with it.
 */
import type { WindowAssigner } from '../../../functions/stream/assigner.ts';
import type { TimeWindow } from '../../../functions/stream/window.ts';

export interface Element {
  readonly key: string;
  readonly timestampMs: number;
  readonly value: number;
}

export type Step = { readonly element: Element } | { readonly watermarkMs: number };

/** What a step gave: results as text, sorted, and whether the element went to the late output. */
export interface Seen {
  readonly results: readonly string[];
  readonly late: boolean;
}

interface Open {
  readonly key: string;
  window: TimeWindow;
  values: number[];
}

export class BruteForce {
  readonly #assigner: WindowAssigner;
  readonly #latenessMs: number;
  readonly #purging: boolean;
  #open: Open[] = [];
  #watermarkMs = Number.MIN_SAFE_INTEGER;

  constructor(assigner: WindowAssigner, latenessMs: number, purging: boolean) {
    this.#assigner = assigner;
    this.#latenessMs = latenessMs;
    this.#purging = purging;
  }

  step(step: Step): Seen {
    return 'element' in step ? this.#element(step.element) : this.#watermark(step.watermarkMs);
  }

  #element(element: Element): Seen {
    const results: string[] = [];
    let taken = false;
    for (const assigned of this.#assigner.assign(element.timestampMs)) {
      const of = this.#windowFor(element.key, assigned);
      if (of.window.end - 1 + this.#latenessMs <= this.#watermarkMs) {
        this.#open = this.#open.filter((one) => one !== of);
        continue;
      }
      taken = true;
      of.values.push(element.value);
      if (of.window.end - 1 <= this.#watermarkMs) results.push(...this.#fire(of));
    }
    const late = !taken && element.timestampMs + this.#latenessMs <= this.#watermarkMs;
    return { results: results.sort(), late };
  }

  /** The open window for an assigned one: with merging, everything of the key that overlaps or touches, as one. */
  #windowFor(key: string, assigned: TimeWindow): Open {
    const joins = ({ window }: Open): boolean =>
      this.#assigner.merges
        ? window.start <= assigned.end && assigned.start <= window.end
        : window.start === assigned.start && window.end === assigned.end;
    const joined = this.#open.filter((one) => one.key === key && joins(one));
    const all = [...joined.map(({ window }) => window), assigned];
    const merged: Open = {
      key,
      window: {
        start: Math.min(...all.map(({ start }) => start)),
        end: Math.max(...all.map(({ end }) => end)),
      },
      values: joined.flatMap(({ values }) => values),
    };
    this.#open = [...this.#open.filter((one) => !joined.includes(one)), merged];
    return merged;
  }

  #watermark(watermarkMs: number): Seen {
    const before = this.#watermarkMs;
    if (watermarkMs <= before) return { results: [], late: false };
    this.#watermarkMs = watermarkMs;
    const results = this.#open
      .filter(({ window }) => window.end - 1 > before && window.end - 1 <= watermarkMs)
      .flatMap((of) => this.#fire(of));
    this.#open = this.#open.filter(({ window }) => window.end - 1 + this.#latenessMs > watermarkMs);
    return { results: results.sort(), late: false };
  }

  #fire(of: Open): string[] {
    if (of.values.length === 0) return [];
    const sum = of.values.reduce((a, b) => a + b, 0);
    if (this.#purging) of.values = [];
    return [resultText(of.key, of.window, sum)];
  }
}

export const resultText = (key: string, { start, end }: TimeWindow, sum: number): string =>
  `${key} [${start}, ${end}) ${sum}`;

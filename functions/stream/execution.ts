/**
 * A job in memory from its elements alone: watermarks of each input, combined, and the operators they drive.
 *
 *     element ─▶ watermark of its input ─▶ combined ─▶ windows ─▶ process function ─▶ output
 *
 * Guarantee: an element is taken before the time it brings, so the same elements in the same order give the same
 * results. Elements far ahead of the clock are taken, and do not move time (WatermarkStrategy.maxAheadMs).
 */
import { CombinedWatermark } from './combined-watermark.ts';
import { IdlenessTimer } from './idleness.ts';
import type { Job } from './job.ts';
import { type Fired, type Output, type Snapshot, WindowOperator } from './operator.ts';
import { type Processed, type ProcessJob, ProcessOperator, type ProcessSnapshot } from './process.ts';
import { WatermarkGenerator } from './watermark.ts';
import { END_OF_TIME } from './window.ts';

/** What takes elements and time: a window operator, or one followed by a process function. */
export interface Stage<In, State> {
  process(element: In): void;
  advanceTo(watermarkMs: number): void;
  snapshot(): State;
  restore(state: State): unknown;
}

/** Windows followed by their process function. */
export function processStage<In, Acc, Out, Result>(
  job: ProcessJob<In, Acc, Out, Result>,
  output: Output<Processed<Result>>,
  clock?: () => number,
): Stage<In, { readonly windows: Snapshot; readonly process: ProcessSnapshot }> {
  const process = new ProcessOperator<Out, Result>(job.process, output, clock);
  const emit = (result: Fired<Out>): void => process.process(result);
  const side: Output<unknown>['side'] = (tag, value, timestampMs) => output.side?.(tag, value, timestampMs);
  const windows = new WindowOperator<In, Acc, Out>(job.windows, { emit, side });
  return {
    process: (element) => windows.process(element),
    advanceTo(watermarkMs) {
      windows.advanceTo(watermarkMs);
      process.advanceTo(watermarkMs);
    },
    snapshot: () => ({ windows: windows.snapshot(), process: process.snapshot() }),
    restore(state) {
      windows.restore(state.windows);
      process.restore(state.process);
    },
  };
}

/** What an execution reads of a job. */
type Source<In> = Pick<Job<In, unknown, unknown>, 'timestampMs' | 'watermarks'>;

export interface ExecutionOptions {
  /** Names of the inputs; time waits for each until it spoke or is idle. Default: one, `main`. */
  readonly inputs?: readonly string[];
  /** The clock, in ms, for idleness and `maxAheadMs`. Default: none, so nothing is idle or far ahead. */
  readonly clock?: () => number;
}

interface Input {
  readonly watermark: WatermarkGenerator;
  readonly idleness: IdlenessTimer | null;
}

export class Execution<In> {
  readonly #source: Source<In>;
  readonly #stage: Pick<Stage<In, unknown>, 'process' | 'advanceTo'>;
  readonly #clock: (() => number) | null;
  readonly #inputs = new Map<string, Input>();
  readonly #combined = new CombinedWatermark();

  constructor(
    source: Source<In>,
    stage: Pick<Stage<In, unknown>, 'process' | 'advanceTo'>,
    options: ExecutionOptions = {},
  ) {
    this.#source = source;
    this.#stage = stage;
    this.#clock = options.clock ?? null;
    for (const name of options.inputs ?? ['main']) {
      const { idleTimeoutMs } = source.watermarks;
      this.#combined.declare(name);
      this.#inputs.set(name, {
        watermark: new WatermarkGenerator(source.watermarks),
        idleness: idleTimeoutMs === null ? null : new IdlenessTimer(idleTimeoutMs),
      });
    }
  }

  /** Event time over all inputs. */
  get watermarkMs(): number {
    return this.#combined.watermarkMs;
  }

  /** Elements too far ahead of the clock to move time. */
  get clamped(): number {
    let clamped = 0;
    for (const { watermark } of this.#inputs.values()) clamped += watermark.clamped;
    return clamped;
  }

  /** Takes an element of an input. Throws a RangeError for a timestamp that is no time, or an unknown input. */
  process(element: In, input = 'main'): void {
    const { watermark, idleness } = this.#input(input);
    this.#stage.process(element);
    watermark.onEvent(this.#source.timestampMs(element), this.#clock?.() ?? Number.POSITIVE_INFINITY);
    idleness?.onEvent();
    this.#combined.update(input, watermark.watermarkMs);
    this.#stage.advanceTo(this.#combined.watermarkMs);
  }

  /** Looks for inputs that fell silent. Call it regularly when the strategy has an idle timeout. */
  tick(): void {
    const nowMs = this.#clock?.();
    if (nowMs === undefined) return;
    for (const [name, { idleness }] of this.#inputs)
      if (idleness?.check(nowMs)) this.#combined.markIdle(name);
    this.#stage.advanceTo(this.#combined.watermarkMs);
  }

  /** No more elements will come: everything fires. */
  finish(): void {
    this.#stage.advanceTo(END_OF_TIME);
  }

  #input(name: string): Input {
    const input = this.#inputs.get(name);
    if (input === undefined)
      throw new RangeError(`unknown input ${name}; there are: ${[...this.#inputs.keys()].join(', ')}`);
    return input;
  }
}

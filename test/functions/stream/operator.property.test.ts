import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { session, sliding, tumbling, type WindowAssigner } from '../../../functions/stream/assigner.ts';
import { type Job, stream } from '../../../functions/stream/job.ts';
import { type Fired, type Snapshot, WindowOperator } from '../../../functions/stream/operator.ts';
import { outputTag } from '../../../functions/stream/side-output.ts';
import { eventTime, purging } from '../../../functions/stream/trigger.ts';
import { END_OF_TIME } from '../../../functions/stream/window.ts';
import { BruteForce, type Element, resultText, type Seen, type Step } from './brute-force.ts';

const late = outputTag<Element>('late');

const jobOf = (assigner: WindowAssigner, latenessMs: number, purges: boolean): Job<Element, number, number> =>
  stream<Element>('sums')
    .timestampBy((element) => element.timestampMs)
    .keyBy((element) => element.key)
    .window(assigner)
    .trigger(purges ? purging(eventTime()) : eventTime())
    .allowedLateness(latenessMs)
    .sideOutputLateData(late)
    .aggregate<number, number>({
      create: () => 0,
      add: (sum, element) => sum + element.value,
      merge: (a, b) => a + b,
      result: (sum) => sum,
      encode: (sum) => ({ sum }),
      decode: (encoded) => (encoded as { sum: number }).sum,
    });

/** An operator, and what each step made it do. */
class Watched {
  #fired: Fired<number>[] = [];
  #late = 0;
  readonly #job: Job<Element, number, number>;
  #operator: WindowOperator<Element, number, number>;

  constructor(job: Job<Element, number, number>) {
    this.#job = job;
    this.#operator = this.#fresh();
  }

  get openWindows(): number {
    return this.#operator.openWindows;
  }

  step(step: Step): Seen {
    this.#fired = [];
    this.#late = 0;
    if ('element' in step) this.#operator.process(step.element);
    else this.#operator.advanceTo(step.watermarkMs);
    for (const { window, timestampMs } of this.#fired) expect(timestampMs).toBe(window.end - 1);
    return {
      results: this.#fired.map(({ key, window, value }) => resultText(key, window, value)).sort(),
      late: this.#late > 0,
    };
  }

  restart(): void {
    const snapshot = JSON.parse(JSON.stringify(this.#operator.snapshot())) as Snapshot;
    this.#operator = this.#fresh().restore(snapshot);
  }

  #fresh(): WindowOperator<Element, number, number> {
    const emit = (result: Fired<number>) => this.#fired.push(result);
    return new WindowOperator(this.#job, { emit, side: () => this.#late++ });
  }
}

const assigner = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: -39, max: 39 }))
    .map(([size, offset]) => tumbling(size, offset % size)),
  fc
    .tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: -39, max: 39 }),
    )
    .map(([size, slide, offset]) => sliding(size, slide, offset % slide)),
  fc.integer({ min: 1, max: 15 }).map((gap) => session(gap)),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      element: fc.record({
        key: fc.constantFrom('a', 'b', '__proto__'),
        timestampMs: fc.integer({ min: -100, max: 100 }),
        value: fc.integer({ min: -5, max: 9 }),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ watermarkMs: fc.integer({ min: -110, max: 130 }) }) },
);

const world = fc.record({
  assigner,
  latenessMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.constant(END_OF_TIME)),
  purges: fc.boolean(),
  steps: fc.array(step, { maxLength: 60 }),
});

describe('the operator', () => {
  it('does at every step what working everything out anew gives, for any schedule', () => {
    fc.assert(
      fc.property(world, ({ assigner, latenessMs, purges, steps }) => {
        const operator = new Watched(jobOf(assigner, latenessMs, purges));
        const brute = new BruteForce(assigner, latenessMs, purges);
        for (const step of steps) expect(operator.step(step)).toEqual(brute.step(step));
      }),
      { numRuns: 1500 },
    );
  });

  it('goes on after a restart, wherever it comes, as if there had been none', () => {
    fc.assert(
      fc.property(world, fc.nat({ max: 60 }), ({ assigner, latenessMs, purges, steps }, at) => {
        const job = jobOf(assigner, latenessMs, purges);
        const [restarted, steady] = [new Watched(job), new Watched(job)];
        for (const [index, step] of steps.entries()) {
          if (index === at) restarted.restart();
          expect(restarted.step(step)).toEqual(steady.step(step));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same windows in whatever order the elements come, as long as none is late', () => {
    const elements = fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b'),
        timestampMs: fc.integer({ min: -100, max: 100 }),
        value: fc.integer({ min: 0, max: 9 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(assigner, elements, fc.gen(), (assigner, inOrder, gen) => {
        const shuffled = gen(fc.shuffledSubarray, inOrder, { minLength: inOrder.length });
        const outcomes = [inOrder, shuffled].map((these) => {
          const operator = new Watched(jobOf(assigner, 0, false));
          for (const element of these) operator.step({ element });
          return operator.step({ watermarkMs: END_OF_TIME }).results;
        });
        expect(outcomes[1]).toEqual(outcomes[0]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps nothing of windows that are over', () => {
    fc.assert(
      fc.property(world, ({ assigner, purges, steps }) => {
        const operator = new Watched(jobOf(assigner, 0, purges));
        for (const step of steps) operator.step(step);
        operator.step({ watermarkMs: 1000 });
        expect(operator.openWindows).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

/** Runs a `run` case: elements and watermarks through the window operator, results and late output compared. */

import { type Job, stream } from '../../functions/stream/job.ts';
import { type Fired, type Snapshot, WindowOperator } from '../../functions/stream/operator.ts';
import type { Rules } from '../../functions/stream/rules.ts';
import { outputTag } from '../../functions/stream/side-output.ts';
import type { CaseOf, Emit } from './case.ts';
import { type Difference, differ, first, inTime, pair, sorted } from './check.ts';
import { makeAssigner, makeTrigger } from './subject.ts';

interface Element {
  readonly key: string;
  readonly value: number;
  readonly ts: number;
}

const late = outputTag<Element>('late');

/** The job of a case: sums per key. */
function jobOf(one: CaseOf<'run'>, rules: Rules): Job<Element, number, number> {
  const windowed = stream<Element>(one.id)
    .timestampBy((element) => element.ts)
    .keyBy((element) => element.key)
    .window(makeAssigner(one.assigner, rules));
  const triggered = one.trigger == null ? windowed : windowed.trigger(makeTrigger(one.trigger, one));
  return triggered
    .allowedLateness(one.latenessMs)
    .sideOutputLateData(late)
    .aggregate<number, number>({
      create: () => 0,
      add: (sum, element) => sum + element.value,
      merge: (a, b) => a + b,
      result: (sum) => sum,
      encode: (sum) => sum,
      decode: Number,
    });
}

export function checkRun(one: CaseOf<'run'>, rules: Rules): Difference | null {
  const job = jobOf(one, rules);
  let fired: Fired<number>[] = [];
  let lateElements = 0;
  const open = () =>
    new WindowOperator(
      job,
      {
        emit: (result) => fired.push(result),
        side: (tag) => {
          if (tag.name === late.name) lateElements++;
        },
      },
      rules,
    );
  let operator = open();
  return first(one.steps, (step, where) => {
    fired = [];
    lateElements = 0;
    if ('restart' in step) {
      operator = open().restore(JSON.parse(JSON.stringify(operator.snapshot())) as Snapshot);
      return null;
    }
    const expected = step.emits as Emit[];
    if ('element' in step) operator.process(step.element as Element);
    else if (step.watermark !== null) operator.advanceTo(step.watermark as number);
    const isLate = typeof step.late === 'boolean' ? { late: step.late } : {};
    const wasLate = typeof step.late === 'boolean' ? { late: lateElements > 0 } : {};
    return differ(
      'element' in step ? `${where}, element` : `${where}, watermark ${String(step.watermark)}`,
      { emits: sorted(expected.map(shown)), ...isLate },
      { emits: sorted(fired.map((result) => ofResult(result, expected))), ...wasLate },
    );
  });
}

/** An expected result with its times inside ours; a field that a table leaves out is not compared. */
const shown = ({ key, sum, window, ts }: Emit) => ({
  key,
  sum,
  window: window == null ? null : window.map(inTime),
  ts: ts == null ? null : inTime(ts),
});

function ofResult({ key, window, timestampMs, value }: Fired<number>, expected: readonly Emit[]) {
  return {
    key,
    sum: value,
    window: expected.some((one) => one.window == null) ? null : pair(window),
    ts: expected.some((one) => one.ts == null) ? null : inTime(timestampMs),
  };
}

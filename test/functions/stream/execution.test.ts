import { describe, expect, expectTypeOf, it } from 'vitest';
import { session, sliding, tumbling } from '../../../functions/stream/assigner.ts';
import { Execution, processStage } from '../../../functions/stream/execution.ts';
import { type Job, minutes, seconds, stream } from '../../../functions/stream/job.ts';
import { listState, valueState } from '../../../functions/stream/keyed-state.ts';
import { type Fired, WindowOperator } from '../../../functions/stream/operator.ts';
import type { Processed, ProcessJob } from '../../../functions/stream/process.ts';
import { outputTag } from '../../../functions/stream/side-output.ts';
import { continuousEventTime, count, purging } from '../../../functions/stream/trigger.ts';
import { boundedOutOfOrderness } from '../../../functions/stream/watermark.ts';

interface Line {
  readonly service: string;
  readonly at: number;
  readonly severity: number;
}

const line = (service: string, at: number, severity = 500): Line => ({ service, at, severity });

const counting = {
  create: () => 0,
  add: (n: number) => n + 1,
  merge: (a: number, b: number) => a + b,
  result: (n: number) => n,
  encode: (n: number) => n,
  decode: Number,
};

const late = outputTag<Line>('late');

const lines = stream<Line>('lines').timestampBy((one) => one.at);

const errors = lines
  .watermarks(boundedOutOfOrderness(2, { idleTimeoutMs: 100, maxAheadMs: 1000 }))
  .filter((one) => one.severity >= 400)
  .keyBy((one) => one.service)
  .window(tumbling(10))
  .allowedLateness(5)
  .sideOutputLateData(late)
  .aggregate(counting);

/** Runs a job over elements of one input; what it emits, as text. */
function run<Acc>(job: Job<Line, Acc, number>, elements: readonly Line[]): string[] {
  const seen: string[] = [];
  const emit = ({ key, window, value }: Fired<number>) =>
    seen.push(`${key} [${window.start}, ${window.end}) ${value}`);
  const execution = new Execution(job, new WindowOperator(job, { emit }));
  for (const element of elements) execution.process(element);
  execution.finish();
  return seen;
}

describe('a job in memory', () => {
  it('closes windows as its elements bring time, again for what comes late, and the rest at the end', () => {
    const elements = [
      line('a', 1),
      line('a', 9, 200),
      line('b', 3),
      line('a', 12),
      line('a', 8),
      line('a', 13),
    ];
    expect(run(errors, elements)).toEqual(['a [0, 10) 1', 'b [0, 10) 1', 'a [0, 10) 2', 'a [10, 20) 2']);
  });

  it('hands late elements to the late output, and counts them', () => {
    const missed: unknown[] = [];
    const operator = new WindowOperator(errors, {
      emit: () => {},
      side: (tag, value, timestampMs) => missed.push([tag.name, value, timestampMs]),
    });
    const execution = new Execution(errors, operator);
    for (const element of [line('a', 50), line('a', 33), line('a', 31), line('a', 1), line('a', 1, 200)])
      execution.process(element);
    expect(missed).toEqual([
      ['late', line('a', 33), 33],
      ['late', line('a', 31), 31],
      ['late', line('a', 1), 1],
    ]);
    expect(operator.counters).toEqual({ taken: 1, late: 3, fired: 0 });
  });

  it('waits for its slowest input, but not for a silent one', () => {
    let nowMs = 0;
    const execution = new Execution(
      errors,
      { process: () => {}, advanceTo: () => {} },
      { inputs: ['a', 'b'], clock: () => nowMs },
    );
    execution.process(line('x', 20), 'a');
    execution.process(line('x', 10), 'b');
    expect(execution.watermarkMs).toBe(7);
    for (nowMs of [1, 2, 103]) {
      execution.tick();
      if (nowMs < 100) execution.process(line('x', 21), 'a');
    }
    expect(execution.watermarkMs).toBe(18);
    expect(() => execution.process(line('x', 1), 'c')).toThrow('unknown input c; there are: a, b');
  });

  it("closes nobody's window for one clock far in the future, and counts it", () => {
    const fired: unknown[] = [];
    const operator = new WindowOperator(errors, { emit: (result) => fired.push(result) });
    const execution = new Execution(errors, operator, { clock: () => 0 });
    for (const element of [line('a', 1), line('broken', 1001), line('a', 2)]) execution.process(element);
    expect([fired, execution.clamped, operator.openWindows]).toEqual([[], 1, 2]);
  });

  it('refuses an element without a time and goes on', () => {
    const operator = new WindowOperator(errors, { emit: () => {} });
    expect(() => operator.process(line('a', Number.NaN))).toThrow('timestamp must be a number of ms');
    expect(() => operator.advanceTo(Number.NaN)).toThrow('watermark must be a time in ms, not NaN');
    operator.process(line('a', 1));
    expect(operator.counters.taken).toBe(1);
  });
});

describe('the chain', () => {
  it('maps and filters with types, and keeps the time of the source', () => {
    const job = lines
      .map((one) => (one.severity >= 400 ? { kind: 'error' as const, of: one.service } : null))
      .filter((one) => one !== null)
      .keyBy((one) => {
        expectTypeOf(one).toEqualTypeOf<{ kind: 'error'; of: string }>();
        return one.of;
      })
      .window(sliding(10, 5))
      .aggregate(counting);
    expectTypeOf(job).toExtend<Job<Line, number, number>>();
    expect(run(job, [line('a', 6), line('a', 7, 200)])).toEqual(['a [0, 10) 1', 'a [5, 15) 1']);
  });

  it('applies a map once for each element', () => {
    let calls = 0;
    const job = lines
      .map((one) => {
        calls++;
        return one.service;
      })
      .filter((service) => service !== '')
      .keyBy((service) => service)
      .window(tumbling(10))
      .aggregate(counting);
    expect(run(job, [line('a', 1), line('b', 2)])).toEqual(['a [0, 10) 1', 'b [0, 10) 1']);
    expect(calls).toBe(2);
  });

  it('groups by number with countWindow, and leaves out what never fills', () => {
    const job = lines
      .keyBy((one) => one.service)
      .countWindow(2)
      .aggregate(counting);
    const seen: number[] = [];
    const operator = new WindowOperator(job, { emit: ({ value }) => seen.push(value) });
    for (const at of [1, 2, 3]) operator.process(line('a', at));
    expect(seen).toEqual([2]);
  });

  it('gives early results by a continuous trigger', () => {
    const job = lines
      .keyBy((one) => one.service)
      .window(tumbling(100))
      .trigger(purging(continuousEventTime(40)))
      .aggregate(counting);
    expect(run(job, [line('a', 1), line('a', 2), line('a', 50), line('a', 90)])).toEqual([
      'a [0, 100) 3',
      'a [0, 100) 1',
    ]);
  });

  it('refuses lateness that is none, triggers of nothing, and triggers that cannot merge sessions', () => {
    const windowed = lines.keyBy((one) => one.service).window(session(10));
    expect(() => windowed.allowedLateness(-1)).toThrow('allowed lateness must be');
    expect(() => windowed.allowedLateness(Number.NaN)).toThrow(RangeError);
    expect(() => windowed.trigger({ ...count(2), name: 'mine', merging: null })).toThrow(
      'session(10) windows merge, which trigger mine does not support',
    );
    expect(() => count(0)).toThrow(RangeError);
    expect(() => continuousEventTime(0)).toThrow(RangeError);
    expect([seconds(10), minutes(1)]).toEqual([10_000, 60_000]);
  });
});

describe('a process function after windows', () => {
  const alarm = outputTag<string>('alarm');
  const streak = valueState<number>('streak', { ttlMs: 1000 });
  const recent = listState<number>('recent');

  /** Says after two windows in a row with errors that a service is down, and ten ms after the last that it is up. */
  const outages: ProcessJob<Line, number, number, string> = errors.process<string>({
    processElement(value, context) {
      const state = context.state.value(streak);
      state.update((state.value() ?? 0) + 1);
      context.state.list(recent).add(value);
      if (state.value() === 2) context.collect(`${context.key} down at ${context.window.end}`);
      if (value > 2) context.output(alarm, `${context.key}: ${value} errors`);
      context.deleteEventTimeTimer(context.timestampMs + 10);
      context.registerEventTimeTimer(context.timestampMs + 20);
    },
    onTimer(timeMs, context) {
      const state = context.state.value(streak);
      if ((state.value() ?? 0) >= 2)
        context.collect(`${context.key} up at ${timeMs} after ${context.state.list(recent).get()}`);
      state.clear();
      context.state.list(recent).clear();
    },
  });

  function watched() {
    const seen: string[] = [];
    const emit = ({ value, timestampMs }: Processed<string>) => seen.push(`${timestampMs}: ${value}`);
    const stage = processStage(outages, { emit, side: (tag, value) => seen.push(`${tag.name}: ${value}`) });
    return { stage, seen };
  }
  const elements = [1, 2, 3, 11, 21].map((at) => line('a', at)).concat(line('b', 1));

  it('keeps state over windows, runs timers in order of time, and writes side outputs', () => {
    const { stage, seen } = watched();
    for (const element of elements) stage.process(element);
    stage.advanceTo(1000);
    expect(seen).toEqual(['alarm: a: 3 errors', '19: a down at 20', '49: a up at 49 after 3,1,1']);
  });

  it('goes on after a restart as if there had been none', () => {
    const before = watched();
    for (const element of elements) before.stage.process(element);
    before.stage.advanceTo(15);
    const snapshot = JSON.parse(JSON.stringify(before.stage.snapshot()));
    const after = watched();
    after.stage.restore(snapshot);
    after.stage.advanceTo(1000);
    expect([...before.seen, ...after.seen]).toEqual([
      'alarm: a: 3 errors',
      '19: a down at 20',
      '49: a up at 49 after 3,1,1',
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { session, sliding, tumbling } from '../../../functions/stream/assigner.ts';
import { type Job, seconds, stream } from '../../../functions/stream/job.ts';
import { count } from '../../../functions/stream/trigger.ts';
import { bucketMs, foldSessions } from '../../../functions/window/fragment.ts';
import { elementsIn, fold, paneAt, panesOf } from '../../../functions/window/pane.ts';
import { checkRunnable } from '../../../functions/window/runnable.ts';

interface Element {
  readonly key: string;
  readonly at: number;
}

const windowed = () =>
  stream<Element>('sizes')
    .timestampBy(({ at }) => at)
    .filter(({ key }) => key !== 'left out')
    .keyBy(({ key }) => key);
const sizes = {
  create: () => 0,
  add: (acc: number) => acc + 1,
  merge: (a: number, b: number) => a + b,
  result: (acc: number) => acc,
  encode: (acc: number) => acc,
  decode: Number,
};
type SizeJob = Job<Element, number, number>;

const assigner = fc
  .record({ size: fc.integer({ min: 1, max: 40 }), slide: fc.integer({ min: 1, max: 40 }), offset: fc.nat() })
  .map(({ size, slide, offset }) => sliding(size, slide, (offset % slide) * (offset % 2 === 0 ? 1 : -1)));
const time = fc.integer({ min: -200, max: 200 });

describe('panes', () => {
  it('hold the times that lie in the same windows, all of them and no others', () => {
    fc.assert(
      fc.property(assigner, time, (windows, at) => {
        const found = paneAt(windows, at);
        if (found === null) {
          expect(windows.assign(at)).toHaveLength(0);
          return;
        }
        const same = (other: number): boolean =>
          JSON.stringify([...windows.assign(other)].sort((a, b) => a.start - b.start)) ===
          JSON.stringify(found.windows);
        const { start, end } = found.pane;
        for (let other = start - 3; other < end + 3; other++)
          expect([other, same(other)]).toEqual([other, other >= start && other < end]);
      }),
    );
  });

  it('of a window follow each other and fill it', () => {
    fc.assert(
      fc.property(assigner, time, (windows, at) => {
        for (const window of windows.assign(at)) {
          const panes = panesOf(windows, window);
          expect(panes[0]!.start).toBe(window.start);
          expect(panes.at(-1)!.end).toBe(window.end);
          for (let i = 1; i < panes.length; i++) expect(panes[i]!.start).toBe(panes[i - 1]!.end);
        }
      }),
    );
  });

  it('are few: as many as slides where the size is a multiple, one of a tumbling window', () => {
    expect(panesOf(sliding(60_000, 10_000), { start: 0, end: 60_000 })).toHaveLength(6);
    expect(panesOf(sliding(7, 3), { start: 0, end: 7 })).toHaveLength(5);
    expect(panesOf(tumbling(10), { start: 0, end: 10 })).toEqual([{ start: 0, end: 10 }]);
  });

  it('count every element once, under its key, however many windows overlap', () => {
    fc.assert(
      fc.property(
        assigner,
        fc.array(fc.record({ key: fc.constantFrom('a', '__proto__', 'left out'), at: time })),
        (windows, elements) => {
          const job: SizeJob = windowed().window(windows).aggregate(sizes);
          const accepted = elements.filter(
            ({ key, at }) => key !== 'left out' && windows.assign(at).length > 0,
          );
          const panes = fold(job, elements);
          const counted = panes.flatMap(({ accumulators }) => [...accumulators.values()]);
          expect(counted.reduce((a, b) => a + b, 0)).toBe(accepted.length);
          for (const { pane, accumulators } of panes) {
            const inside = elementsIn(job, elements, pane);
            for (const [key, n] of accumulators)
              expect(inside.filter((one) => one.key === key)).toHaveLength(n);
          }
        },
      ),
    );
  });
});

describe('fragments', () => {
  const job: SizeJob = windowed().window(session(10)).aggregate(sizes);
  const spans = (...times: readonly number[]) =>
    foldSessions(
      job,
      times.map((at) => ({ key: 'a', at })),
    ).map(({ span, accumulator, sessionEndMs }) => [span.start, span.end, accumulator, sessionEndMs]);

  it('are the sessions of a batch, in whatever order its elements are', () => {
    expect(spans(25, 0, 10, 41)).toEqual([
      [0, 20, 2, 20],
      [25, 35, 1, 35],
      [41, 51, 1, 51],
    ]);
  });

  it('are cut at buckets, into pieces that touch and remember where the whole ends', () => {
    const edge = bucketMs(10);
    expect(spans(edge - 5, edge + 4)).toEqual([
      [edge - 5, edge + 5, 1, edge + 14],
      [edge + 4, edge + 14, 1, edge + 14],
    ]);
    expect(foldSessions(job, [{ key: 'a', at: -1 }])[0]!.of.window).toEqual({ start: -edge, end: 0 });
  });
});

describe('a job that serverless cannot run', () => {
  it('is refused in words, instead of never firing', () => {
    const often = windowed().window(tumbling(10)).trigger(count(3)).aggregate(sizes);
    expect(() => checkRunnable(often)).toThrow(
      'job sizes: trigger count(3) runs in memory alone; allowed here: eventTime',
    );
    const wide = windowed()
      .window(sliding(seconds(1000), seconds(1)))
      .aggregate(sizes);
    expect(() => checkRunnable(wide)).toThrow('puts an element into 1000 windows; allowed: 100');
    expect(() => checkRunnable(windowed().countWindow(3).aggregate(sizes))).toThrow('purging(count(3))');
  });

  it('is none with tumbling, sliding or session windows', () => {
    for (const windows of [tumbling(10), sliding(60, 10), sliding(7, 3), sliding(3, 7), session(5)])
      checkRunnable(windowed().window(windows).aggregate(sizes));
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../../models/graph/random.ts';
import { CONTEXT, chunks, LENGTH } from '../../../../models/lstm/sequence/chunk.ts';
import { countVectors } from '../../../../models/lstm/sequence/count-vectors.ts';
import { type SequenceDetector, trainDetector } from '../../../../models/lstm/sequence/detector.ts';
import { END, learnVocabulary, START, UNKNOWN } from '../../../../models/lstm/sequence/vocabulary.ts';

describe('the stretches of a session', () => {
  it('predict every event once and the end once, however long the session is', () => {
    for (const length of [0, 1, LENGTH - 2, LENGTH - 1, LENGTH, 2 * LENGTH, 500]) {
      const session = Array.from({ length }, (_, index) => 3 + (index % 5));
      const parts = chunks(session);
      expect(parts[0]!.inputs[0]).toBe(START);
      expect(parts.every(({ inputs }) => inputs.length <= LENGTH)).toBe(true);
      expect(parts.flatMap(({ targets, from }) => targets.slice(from))).toEqual([...session, END]);
      expect(parts.slice(1).every(({ from }) => from === CONTEXT)).toBe(true);
    }
  });
});

describe('the vocabulary', () => {
  it('knows each event of the training sessions and nothing else', () => {
    const vocabulary = learnVocabulary([
      ['a', 'b'],
      ['b', 'c'],
    ]);
    expect(['a', 'b', 'c', 'd'].map(vocabulary.token)).toEqual([3, 4, 5, UNKNOWN]);
    expect(vocabulary.size).toBe(6);
  });
});

describe('count vectors', () => {
  const vectors = countVectors([
    [3, 4, 5],
    [3, 3, 4],
  ]);

  it('find the nearest training session, whatever the order', () => {
    expect(vectors.distance([5, 4, 3])).toBe(0);
    expect(vectors.distance([3, 4])).toBeCloseTo(1 / 3);
    expect(vectors.distance([3, 3, 4, 4])).toBeCloseTo(1 / 4);
    expect(vectors.distance([9])).toBe(1);
    expect(vectors.spacing()).toEqual([0.5, 0.5]);
  });
});

const WORK = [['read', 'ack'], ['write', 'sync'], ['list'], ['stat', 'ack']] as const;

/** Sessions as: open, one to four pieces of work, close. */
function normalSessions(count: number, seed: number): string[][] {
  const random = createRandom(seed);
  const work = () => WORK[random.below(WORK.length)]!;
  return Array.from({ length: count }, () => [
    'open',
    ...Array.from({ length: 1 + random.below(4) }, work).flat(),
    'close',
  ]);
}

describe('a detector that learned normal sessions', () => {
  let detector: SequenceDetector;
  beforeAll(async () => {
    const normal = normalSessions(300, 1);
    detector = await trainDetector({ normal, random: createRandom(2), epochs: 45, members: 1 });
  });

  it('lets the same kind of sessions pass', async () => {
    const judged = await detector.judge(normalSessions(200, 9));
    expect(judged.filter(({ anomalous }) => anomalous).length).toBeLessThanOrEqual(4);
  });

  it.each([
    ['an event never seen', ['open', 'read', 'crash', 'close'], 'newEvent'],
    ['far too many of one event', ['open', ...Array<string>(30).fill('read'), 'close'], 'counts'],
    ['a session that breaks off', ['open', 'read'], 'order'],
  ] as const)('flags %s', async (_, session, because) => {
    const [judged] = await detector.judge([session]);
    expect(judged).toMatchObject({ anomalous: true, [because]: true });
  });
});

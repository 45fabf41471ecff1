import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sequencesText } from '../../../models/evaluate/report.ts';
import { evaluateSequences, type SequenceReport } from '../../../models/evaluate/sequences.ts';
import { createRandom } from '../../../models/graph/random.ts';

/** Open, one to three pieces of work, close. */
function normal(count: number, seed: number): string[] {
  const random = createRandom(seed);
  const work = () => ['2 3', '4', '2 5 3'][random.below(3)]!;
  return Array.from({ length: count }, () =>
    ['1', ...Array.from({ length: 1 + random.below(3) }, work), '9'].join(' '),
  );
}

describe('measuring sessions of a folder', () => {
  let dir: string;
  let report: SequenceReport;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sequences-'));
    await writeFile(join(dir, 'normal_train.txt'), `${normal(200, 1).join('\n')}\n`);
    const rows = [...normal(60, 2).map((row) => `${row},0`), '1 7 9,1'];
    await writeFile(join(dir, 'labelled_train.csv'), `Sequence,label\n${rows.join('\n')}\n`);
    await writeFile(join(dir, 'abnormal_test.txt'), '1 7 9\n1 7 9\n1 2\n');
    report = await evaluateSequences(dir, { seed: 1 });
  }, 60_000);
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('asks about the normal rows and the anomalies, and counts distinct sessions beside', () => {
    expect(report.trained.sessions).toBe(200);
    expect(report.tested).toEqual({ normal: 60, abnormal: 3 });
    expect(report.unseen.abnormal).toBe(2);
  });

  it('finds what has a new event or breaks off, and says which member did', () => {
    const by = (start: string) => report.measures.find(({ by: name }) => name.startsWith(start))!;
    expect(by('verdict').all.recall).toBe(1);
    expect(by('baseline: new event').all.recall).toBeCloseTo(2 / 3);
    expect(by('verdict').all.falsePositiveRate).toBeLessThan(0.1);
  });

  it('states the prevalence and what always saying "normal" comes to', () => {
    expect(sequencesText(report)).toContain('always saying "normal" has an accuracy of 97.05 %');
  });

  it('names the file that has no sequences', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'sequences-'));
    await writeFile(join(empty, 'normal_train.txt'), '\n');
    await expect(evaluateSequences(empty, { seed: 1 })).rejects.toThrow('normal_train.txt has no sequences');
    await rm(empty, { recursive: true, force: true });
  });
});

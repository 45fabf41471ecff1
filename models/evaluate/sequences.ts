/**
 * Measures session anomaly detection on a folder in the layout of the HDFS block sequences: learns from
 * `normal_train.txt` alone, is asked about `abnormal_test.txt` and the normal rows of `labelled_train.csv`. Rates come
 * from these samples; precision and F1 are stated at the prevalence of the whole data set, and again on distinct
 * sequences that training did not have, each counted once.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../graph/random.ts';
import { type Judgement, trainDetector } from '../lstm/sequence/detector.ts';
import { atPrevalence, type Rates } from './measures.ts';

/** Test blocks of the whole HDFS data set. */
const WHOLE = { negatives: 553_366, positives: 16_838 };

type Session = readonly string[];

export interface SequenceMeasure {
  readonly by: string;
  /** All test sessions. */
  readonly all: Rates;
  /** Distinct sessions that are not among those trained on. */
  readonly unseen: Pick<Rates, 'recall' | 'falsePositiveRate'>;
}

export interface SequenceReport {
  readonly trained: { readonly sessions: number; readonly distinct: number };
  readonly tested: { readonly normal: number; readonly abnormal: number };
  readonly unseen: { readonly normal: number; readonly abnormal: number };
  readonly prevalence: number;
  readonly measures: readonly SequenceMeasure[];
}

const MEMBERS: readonly (readonly [string, (judged: Judgement) => boolean])[] = [
  ['verdict (new event, far counts, or surprising order)', (one) => one.anomalous],
  ['LSTM: events together, or the end, more surprising than any normal session held out', (one) => one.order],
  ["LSTM, DeepLog's rule: an event not among the nine likeliest, or a surprising end", (one) => one.rank],
  ['baseline: new event', (one) => one.newEvent],
  ['baseline: counts that no training session has', (one) => one.newCounts],
  ['baseline: counts far from all training sessions', (one) => one.counts],
];

export async function evaluateSequences(
  dir: string,
  { seed, progress }: { seed: number; progress?: (epoch: number, loss: number) => void },
): Promise<SequenceReport> {
  const train = await readSessions(join(dir, 'normal_train.txt'));
  const abnormal = await readSessions(join(dir, 'abnormal_test.txt'));
  const normal = await readNormal(join(dir, 'labelled_train.csv'));
  const random = createRandom(seed);
  const detector = await trainDetector({ normal: train, random, ...(progress && { progress }) });
  const known = new Set(train.map(keyOf));
  const fresh = (sessions: readonly Session[]): Session[] =>
    [...new Map(sessions.map((session) => [keyOf(session), session]))]
      .filter(([key]) => !known.has(key))
      .map(([, session]) => session);
  const unseen = { normal: fresh(normal), abnormal: fresh(abnormal) };
  const judged = {
    normal: await detector.judge(normal),
    abnormal: await detector.judge(abnormal),
    unseenNormal: await detector.judge(unseen.normal),
    unseenAbnormal: await detector.judge(unseen.abnormal),
  };
  return {
    trained: { sessions: train.length, distinct: known.size },
    tested: { normal: normal.length, abnormal: abnormal.length },
    unseen: { normal: unseen.normal.length, abnormal: unseen.abnormal.length },
    prevalence: WHOLE.positives / (WHOLE.positives + WHOLE.negatives),
    measures: MEMBERS.map(([by, flags]) => ({
      by,
      all: atPrevalence(
        {
          falsePositiveRate: share(judged.normal, flags),
          recall: share(judged.abnormal, flags),
        },
        WHOLE,
      ),
      unseen: {
        falsePositiveRate: share(judged.unseenNormal, flags),
        recall: share(judged.unseenAbnormal, flags),
      },
    })),
  };
}

const keyOf = (session: Session): string => session.join(' ');

const share = (judged: readonly Judgement[], flags: (one: Judgement) => boolean): number =>
  judged.filter(flags).length / Math.max(1, judged.length);

const words = (line: string): string[] => line.trim().split(/\s+/);

async function readSessions(path: string): Promise<Session[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new Error(`${path} has no sequences`);
  return lines.map(words);
}

async function readNormal(path: string): Promise<Session[]> {
  const [, ...rows] = (await readFile(path, 'utf8')).split('\n');
  return rows.flatMap((row) => {
    const comma = row.lastIndexOf(',');
    return comma > 0 && row.slice(comma + 1).trim() === '0' ? [words(row.slice(0, comma))] : [];
  });
}

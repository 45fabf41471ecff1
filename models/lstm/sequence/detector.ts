/**
 * Judges sessions (one block, one request) after learning from normal ones: an event never seen, an order that the
 * network did not expect, counts far from all known. Thresholds come from normal sessions held out of training, never
 * from anomalies.
 */

import type { Weights } from '../../graph/parameters.ts';
import type { Random } from '../../graph/random.ts';
import { openSession } from '../../graph/runtime.ts';
import { countVectors } from './count-vectors.ts';
import { sequenceModel } from './network.ts';
import { surprises } from './surprise.ts';
import { trainSequences } from './training.ts';
import { learnVocabulary, UNKNOWN } from './vocabulary.ts';

/** DeepLog's own setting: an event that is not among the nine most likely is an anomaly. */
const TOP = 9;
/** Share of distinct sessions that only set thresholds. */
const HELD_OUT = 0.1;
/** Nats by which an end must be more surprising than that of any of the normal sessions held out. */
const MARGIN = 1;
/** For the verdict, where the other members see most already: how far above all sessions held out. */
const VERDICT = 1.3;
/** The distance that at most this share of distinct training vectors exceeds. */
const SPACING_SHARE = 0.02;

export interface Judgement {
  /** It has an event that training never saw. */
  readonly newEvent: boolean;
  /** An event came that was not among the nine most likely (DeepLog), or it ended where no normal session ends. */
  readonly rank: boolean;
  /** The network alone: all its events together surprise more than any normal session held out, or its end does. */
  readonly order: boolean;
  /** Its counts are in no training session. */
  readonly newCounts: boolean;
  /** Its counts are far from all training sessions'. */
  readonly counts: boolean;
  /** The verdict: a new event, far counts, or an order that surprises far more than any normal session held out. */
  readonly anomalous: boolean;
}

export interface SequenceDetector {
  readonly maxExcess: number;
  readonly maxEnd: number;
  readonly maxDistance: number;
  judge(sessions: readonly (readonly string[])[]): Promise<Judgement[]>;
}

export interface DetectorOptions {
  readonly normal: readonly (readonly string[])[];
  readonly random: Random;
  readonly epochs?: number;
  /** Networks whose probabilities are averaged; 3 by default. */
  readonly members?: number;
  readonly progress?: (epoch: number, loss: number) => void;
}

export async function trainDetector({
  normal,
  random,
  epochs = 25,
  members: size = 3,
  progress,
}: DetectorOptions): Promise<SequenceDetector> {
  const vocabulary = learnVocabulary(normal);
  const tokensOf = (session: readonly string[]): number[] => session.map(vocabulary.token);
  const distinct = [...new Map(normal.map((session) => [session.join(' '), tokensOf(session)])).values()];
  const order = random.shuffle(distinct.map((_, index) => index));
  const count = Math.floor(distinct.length * HELD_OUT);
  const heldOut = order.slice(0, count).map((index) => distinct[index]!);
  const sessions = order.slice(count).map((index) => distinct[index]!);
  const members: Weights[] = [];
  for (let member = 0; member < size; member++)
    members.push(
      await trainSequences({
        sessions,
        tokens: vocabulary.size,
        epochs,
        random,
        ...(progress && { progress: (epoch, loss) => progress(member * epochs + epoch, loss) }),
      }),
    );
  const model = await openSession(sequenceModel(members, vocabulary.size), { threads: 2 });
  const vectors = countVectors(distinct);
  const spacing = vectors.spacing().sort((a, b) => a - b);
  const maxDistance = spacing[Math.floor((1 - SPACING_SHARE) * (spacing.length - 1))] ?? 0;
  const held = await surprises(model, heldOut);
  const maxExcess = Math.max(...held.map(({ excess }) => excess), 2 * Math.log(vocabulary.size));
  const maxEnd = Math.max(...held.map(({ end }) => end), Math.log(vocabulary.size)) + MARGIN;
  return {
    maxExcess,
    maxEnd,
    maxDistance,
    judge: async (asked) => {
      const tokens = asked.map(tokensOf);
      const found = await surprises(model, tokens);
      return tokens.map((session, index) => {
        const newEvent = session.includes(UNKNOWN);
        const distance = vectors.distance(session);
        const { excess, end, rank } = found[index]!;
        const counts = newEvent || distance > maxDistance;
        const cut = newEvent || end > maxEnd;
        return {
          newEvent,
          rank: cut || rank >= TOP,
          order: cut || excess > maxExcess,
          newCounts: distance > 0,
          counts,
          anomalous: cut || counts || excess > VERDICT * maxExcess,
        };
      });
    },
  };
}

/** Detection as the settings name it: state in Firestore, models, verdicts on a topic. */
import type { Firestore } from '@google-cloud/firestore';
import { openTopic } from '../clients.ts';
import { wallClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Detection } from './closing.ts';
import { createDetector } from './detector.ts';
import { firestoreDetectStore } from './firestore-store.ts';
import { JUDGED_JOB as JOB } from './judged-job.ts';
import { openModels } from './open-models.ts';
import { verdictPublisher } from './publisher.ts';

export async function openDetection(config: Config, firestore: Firestore): Promise<Detection> {
  const { verdictTopic, errorPercent } = config;
  return {
    job: JOB,
    detector: createDetector({
      job: JOB,
      store: firestoreDetectStore(firestore, { job: JOB, clock: wallClock }),
      models: await openModels(config),
      settings: { ...config, errorRate: errorPercent / 100 },
    }),
    publish: verdictTopic === null ? async () => {} : verdictPublisher(() => openTopic(config, verdictTopic)),
  };
}

/** Detection as the settings name it: state in Firestore, models behind Vertex AI, verdicts on a topic. */
import type { Firestore } from '@google-cloud/firestore';
import { openTopic, vertexAuthorization, vertexParent } from '../clients.ts';
import { wallClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Detection } from './closing.ts';
import { createDetector } from './detector.ts';
import { firestoreDetectStore } from './firestore-store.ts';
import { createModelClient, type ModelClient } from './model-client.ts';
import { verdictPublisher } from './publisher.ts';

/** The job whose windows are judged. */
const JOB = 'service_health';

export function openDetection(config: Config, firestore: Firestore): Detection {
  const { verdictTopic, errorPercent } = config;
  return {
    job: JOB,
    detector: createDetector({
      job: JOB,
      store: firestoreDetectStore(firestore, { job: JOB, clock: wallClock }),
      models: openModels(config),
      settings: { ...config, errorRate: errorPercent / 100 },
    }),
    publish: verdictTopic === null ? async () => {} : verdictPublisher(() => openTopic(config, verdictTopic)),
  };
}

/** null: there is no endpoint. */
export function openModels(config: Config): ModelClient | null {
  if (config.modelEndpoint === null) return null;
  return createModelClient({
    url: `${vertexParent(config)}/endpoints/${config.modelEndpoint}:predict`,
    authorization: vertexAuthorization(config),
    deadlineMs: config.modelDeadlineMs,
    clock: wallClock,
  });
}

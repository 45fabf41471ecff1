/** The models behind Vertex AI as the settings name them; apart from open.ts, whose state in Firestore not all need. */
import { vertexAuthorization, vertexParent } from '../clients.ts';
import { wallClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { createModelClient, type ModelClient } from './model-client.ts';

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

/** The models behind Vertex AI as the settings name them. */
import { vertexAuthorization, vertexParent } from '../clients.ts';
import { wallClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { endpointModels } from './endpoint-models.ts';
import type { ModelClient } from './model-client.ts';

export const openEndpointModels = (config: Config, endpoint: string): ModelClient =>
  endpointModels({
    url: `${vertexParent(config)}/endpoints/${endpoint}:predict`,
    authorization: vertexAuthorization(config),
    deadlineMs: config.modelDeadlineMs,
    clock: wallClock,
  });

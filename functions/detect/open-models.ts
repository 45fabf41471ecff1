/**
 * The models as the settings name them; apart from open.ts, whose state in Firestore not all need. Each way is loaded
 * when it is the one that is set, and a deployment leaves the other out of the code (infra/bundle.ts).
 */
import type { Config } from '../config.ts';
import type { ModelClient } from './model-client.ts';

/** null: rules and baselines judge alone. */
export async function openModels(config: Config): Promise<ModelClient | null> {
  if (config.models === 'process')
    return (await import('./open-process-models.ts')).openProcessModels(config);
  if (config.modelEndpoint === null) return null;
  return (await import('./open-endpoint-models.ts')).openEndpointModels(config, config.modelEndpoint);
}

/**
 * The container's process: settings from Vertex AI's environment (AIP_HTTP_PORT, AIP_HEALTH_ROUTE, AIP_PREDICT_ROUTE),
 * models from MODELS_DIR. Ends with code 1 if they cannot be loaded; SIGHUP loads them again, SIGTERM finishes.
 */
import { type LogFields, log } from '../../functions/log.ts';
import { ERROR, INFO } from '../../functions/parse/severity.ts';
import { ArtifactError } from '../artifact.ts';
import { listen } from './server.ts';

const {
  AIP_HTTP_PORT = '8080',
  AIP_HEALTH_ROUTE,
  AIP_PREDICT_ROUTE,
  MODELS_DIR = 'models/artifacts',
} = process.env;
const port = Number(AIP_HTTP_PORT);
if (!Number.isInteger(port) || port < 0 || port > 65_535)
  throw new Error(`AIP_HTTP_PORT="${AIP_HTTP_PORT}" is not valid; allowed: a port`);

const reason = (error: unknown): LogFields => ({
  detail: error instanceof ArtifactError ? error.message : 'the runtime refuses the model',
});

const serving = await listen({
  port,
  host: '0.0.0.0',
  artifactsDir: MODELS_DIR,
  ...(AIP_HEALTH_ROUTE && { healthRoute: AIP_HEALTH_ROUTE }),
  ...(AIP_PREDICT_ROUTE && { predictRoute: AIP_PREDICT_ROUTE }),
});

process.once('SIGTERM', () => void serving.close().then(() => process.exit(0)));
process.on('SIGHUP', () => {
  serving.reload().then(
    () => log(INFO, 'serving', 'models loaded again'),
    (error: unknown) => log(ERROR, 'serving', 'models refused, the old ones stay', reason(error)),
  );
});

try {
  await serving.ready;
  log(INFO, 'serving', 'ready', { port: serving.port });
} catch (error) {
  log(ERROR, 'serving', 'models cannot be loaded', reason(error));
  process.exit(1);
}

/** The settings of verdicts, models and retraining, as functions/config.ts takes them in. */
import { duration, httpUrl, image, name, number, optional, setting, word } from '../setting-kinds.ts';

export const DETECT_SETTINGS = {
  models: setting(
    'LOGWEIR_MODELS',
    word('endpoint', 'process'),
    'endpoint',
    'where models judge: behind the Vertex AI endpoint; or in the processes of close and learn, each with a copy, which costs no endpoint, and where other models judge up to a minute after they were promoted',
  ),
  modelEndpoint: setting(
    'LOGWEIR_MODEL_ENDPOINT',
    optional(name),
    '',
    'id of the Vertex AI endpoint of the models, unused where they judge in the process; empty: rules and baselines judge alone',
  ),
  vertexEndpoint: setting(
    'LOGWEIR_VERTEX_ENDPOINT',
    optional(httpUrl),
    '',
    'Vertex AI REST API without credentials; empty: Google',
  ),
  modelDeadlineMs: setting(
    'LOGWEIR_MODEL_DEADLINE',
    duration(10, 30_000),
    '2s',
    'how long the models may take; then rules and baselines judge',
  ),
  verdictTopic: setting(
    'LOGWEIR_VERDICT_TOPIC',
    optional(name),
    '',
    'Pub/Sub topic of the verdicts that are not ok, and of those after them; empty: nobody is told',
  ),
  latencyZ: setting(
    'LOGWEIR_LATENCY_Z',
    number(1, 100),
    '3',
    'deviations of the mean latency from its sliding baseline beyond which it is unusual',
  ),
  errorRatio: setting(
    'LOGWEIR_ERROR_RATIO',
    number(1, 1000),
    '5',
    'an error rate is too high above so many times the usual one …',
  ),
  errorPercent: setting('LOGWEIR_ERROR_PERCENT', number(0, 100), '10', '… and above so many percent …'),
  minErrors: setting('LOGWEIR_MIN_ERRORS', number(1, 1_000_000), '3', '… with at least so many errors'),
  silenceMs: setting(
    'LOGWEIR_SILENCE',
    duration(1000, 86_400_000),
    '1m',
    'a service that says nothing for so long is silent, where twenty entries or more were usual',
  ),
  degradationWindows: setting(
    'LOGWEIR_DEGRADATION_WINDOWS',
    number(2, 100),
    '3',
    'consecutive windows with several weak signs of trouble that make a degradation',
  ),
  recoveryMs: setting(
    'LOGWEIR_RECOVERY',
    duration(0, 86_400_000),
    '5m',
    'how long after a verdict that was not ok those that are ok are published too',
  ),
  modelBucket: setting(
    'LOGWEIR_MODEL_BUCKET',
    optional(name),
    '',
    'bucket of the models, of what they learned from, and of the state of retraining',
  ),
  trainingImage: setting(
    'LOGWEIR_TRAINING_IMAGE',
    optional(image),
    '',
    'container that trains; empty: drift is reported, and nothing is trained',
  ),
  servingImage: setting(
    'LOGWEIR_SERVING_IMAGE',
    image,
    'logweir-serving',
    'container that serves models (models/serving/Dockerfile)',
  ),
  trainingIdentity: setting(
    'LOGWEIR_TRAINING_IDENTITY',
    optional(name),
    '',
    'service account e-mail of training jobs; empty: the default of Vertex AI',
  ),
  retrainCoolDownMs: setting(
    'LOGWEIR_RETRAIN_COOL_DOWN',
    duration(60_000, 31_536_000_000),
    '1d',
    'least time between the starts of two trainings',
  ),
  canaryMs: setting(
    'LOGWEIR_CANARY',
    duration(1000, 604_800_000),
    '30m',
    'how long new models judge a tenth of the windows before they judge all',
  ),
  feedbackRows: setting(
    'LOGWEIR_RETRAIN_FEEDBACK',
    number(1, 1_000_000),
    '20',
    'windows labelled by people since the last training that make another',
  ),
} as const;

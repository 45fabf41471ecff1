/** What is lost, kept too long, or read by the wrong one once it is stored. */
import { change, type Mutation, onSubscription, without } from './mutation.ts';

export const HOLDING_MUTATIONS: readonly Mutation[] = [
  [
    'Pub/Sub may not write the archive',
    without('logweir-archive-pubsub-objectCreator'),
    /lacks roles\/storage.objectCreator on the archive/,
  ],
  [
    'the archive has no attributes',
    onSubscription('archive', (inputs) => {
      inputs.cloudStorageConfig.avroConfig.writeMetadata = false;
    }),
    /no attributes/,
  ],
  [
    'the archive is kept for ever',
    change('logweir-archive', 'Bucket', (inputs) => {
      inputs.lifecycleRules = [];
    }),
    /does not delete what is old/,
  ],
  [
    'a TTL is missing',
    change('logweir-window_partials-expires_at', 'Field', (inputs) => {
      delete inputs.ttlConfig;
    }),
    /window_partials stay for ever/,
  ],
  [
    'a function lacks a secret',
    without('logweir-alert-reads-slackToken'),
    /logweir-alert may not read LOGWEIR_SLACK_TOKEN/,
  ],
  [
    'a secret stands in plain text',
    change('logweir-slack-token', 'SecretVersion', (inputs) => {
      inputs.secretData = 'xoxb';
    }),
    /plain text/,
  ],
  [
    'something is not encrypted with the key',
    change('logweir-logs', 'Topic', (inputs) => {
      delete inputs.kmsKeyName;
    }),
    /logweir-logs \(Topic\) is not encrypted/,
  ],
  ['a service may not use the key', without('logweir-key-firestore'), /firestore may not use the key/],
  [
    'the dataset goes with its tables',
    change('logweir-dataset', 'Dataset', (inputs) => {
      inputs.deleteContentsOnDestroy = true;
    }),
    /goes with its tables/,
  ],
  [
    'what holds data is not protected',
    (made) => made.map((one) => (one.name === 'logweir-dataset' ? { ...one, protect: false } : one)),
    /logweir-dataset is not protected/,
  ],
];

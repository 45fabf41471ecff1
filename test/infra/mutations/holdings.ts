/** What is lost, kept too long, or read by the wrong one once it is stored. */
import type { Inputs } from '../stack.ts';
import { also, change, type Mutation, onFunction, onSubscription, without } from './mutation.ts';

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
    'the connection may not read the archive',
    without('logweir-cold-reads'),
    /coldDays: the connection may not read the archive/,
  ],
  [
    'the connection is left out',
    without('logweir-cold', 'Connection'),
    /coldDays: no connection reads the cold days/,
  ],
  [
    'tier is not told of the connection',
    onFunction('tier', (inputs) => {
      delete inputs.serviceConfig.environmentVariables.LOGWEIR_COLD_CONNECTION;
    }),
    /tier names the connection undefined/,
  ],
  [
    'an analyst may read raw messages',
    also({
      type: 'gcp:storage/bucketIAMMember:BucketIAMMember',
      name: 'analyst',
      inputs: {
        bucket: 'my-project-logweir-archive',
        role: 'roles/storage.objectViewer',
        member: 'group:analysts@example.com',
      } as Inputs,
    }),
    /group:analysts@example.com needs no analyst/,
  ],
  [
    'the API of connections is not enabled',
    without('logweir-bigqueryconnection'),
    /bigqueryconnection is not enabled/,
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
    'a bucket goes with its objects',
    change('logweir-archive', 'Bucket', (inputs) => {
      inputs.forceDestroy = true;
    }),
    /logweir-archive goes with its objects/,
  ],
  [
    'what holds data is not protected',
    (made) => made.map((one) => (one.name === 'logweir-dataset' ? { ...one, protect: false } : one)),
    /logweir-dataset is not protected/,
  ],
];

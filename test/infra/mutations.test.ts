import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemsOf } from './checks.ts';
import { refusals } from './declarations.ts';
import { DEV, type Inputs, type Made, makeStack, PROD, PROD_SECRETS, type Stack } from './stack.ts';

let folder: string;
let stack: Stack;
let dev: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-infra-'));
  dev = await makeStack(DEV, folder);
  stack = await makeStack(PROD, folder, PROD_SECRETS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Change = (made: Made[]) => Made[];

const without =
  (name: string, type = ''): Change =>
  (made) =>
    made.filter((one) => one.name !== name || !one.type.endsWith(type));
const change =
  (name: string, type: string, edit: (inputs: Inputs) => void): Change =>
  (made) => {
    const found = made.filter((one) => one.name === name && one.type.endsWith(`:${type}`));
    if (found.length !== 1) throw new Error(`${found.length} resources ${type} ${name}`);
    edit(found[0]!.inputs);
    return made;
  };
const also =
  (one: Omit<Made, 'protect' | 'after'>): Change =>
  (made) => [...made, { ...one, protect: false, after: [] }];
const onFunction = (name: string, edit: (inputs: Inputs) => void): Change =>
  change(`logweir-${name}`, 'Function', edit);
const onSubscription = (name: string, edit: (inputs: Inputs) => void): Change =>
  change(`logweir-${name}`, 'Subscription', edit);

const MUTATIONS: readonly (readonly [string, Change, RegExp])[] = [
  [
    'a grant is dropped',
    without('logweir-close-pubsub-publisher-verdict-topic'),
    /close lacks roles\/pubsub.publisher on the verdict topic/,
  ],
  [
    'the grant to ask for timers is dropped',
    without('logweir-sweep-cloudtasks-enqueuer-timer-queue'),
    /sweep lacks roles\/cloudtasks/,
  ],
  [
    'the right to act as the timers is dropped',
    without('logweir-parse-iam-serviceAccountUser-timer-identity'),
    /parse lacks roles\/iam.serviceAccountUser/,
  ],
  [
    'a grant is given on too much',
    change('logweir-parse-datastore-user-firestore-database', 'IAMMember', (inputs) => {
      delete inputs.condition;
    }),
    /parse lacks roles\/datastore.user on the firestore database/,
  ],
  [
    'a function gets a grant that it does not need',
    also({
      type: 'gcp:projects/iAMMember:IAMMember',
      name: 'extra',
      inputs: {
        project: 'my-project',
        role: 'roles/bigquery.dataEditor',
        member: 'serviceAccount:logweir-parse@my-project.iam.gserviceaccount.com',
      } as Inputs,
    }),
    /parse needs no extra/,
  ],
  [
    'a grant becomes one of administration',
    change('logweir-tier-bigquery-dataEditor-dataset', 'DatasetIamMember', (inputs) => {
      inputs.role = 'roles/bigquery.admin';
    }),
    /narrow: .*roles\/bigquery.admin/,
  ],
  [
    'a custom role grows',
    change('logweir-rowWriter', 'IAMCustomRole', (inputs) =>
      inputs.permissions.push('bigquery.tables.delete'),
    ),
    /customRoles/,
  ],
  [
    'a bucket may be opened',
    change('logweir-archive', 'Bucket', (inputs) => {
      inputs.publicAccessPrevention = 'inherited';
    }),
    /logweir-archive could be made public/,
  ],
  [
    'a bucket is opened',
    also({
      type: 'gcp:storage/bucketIAMMember:BucketIAMMember',
      name: 'open',
      inputs: {
        bucket: 'my-project-logweir-archive',
        role: 'roles/storage.objectViewer',
        member: 'allUsers',
      } as Inputs,
    }),
    /open lets everybody in/,
  ],
  [
    'a function can be called from outside',
    onFunction('parse', (inputs) => {
      inputs.serviceConfig.ingressSettings = 'ALLOW_ALL';
    }),
    /called from outside/,
  ],
  [
    'the proxy lets people pass who have not logged in',
    change('logweir-api', 'BackendService', (inputs) => {
      inputs.iap.enabled = false;
    }),
    /nobody logs in before logweir-api/,
  ],
  [
    'the API can be called past the proxy',
    onFunction('api', (inputs) => {
      inputs.serviceConfig.ingressSettings = 'ALLOW_ALL';
    }),
    /called past the proxy/,
  ],
  ['nothing asks whether the API answers', without('logweir-api-down'), /nothing watches api-down/],
  [
    'anybody may call a function',
    change('logweir-parse-called', 'ServiceIamMember', (inputs) => {
      inputs.member = 'allUsers';
    }),
    /lets everybody in/,
  ],
  [
    'the dead letter is removed',
    onSubscription('parse', (inputs) => {
      delete inputs.deadLetterPolicy;
    }),
    /logweir-parse has no dead letter/,
  ],
  ['Pub/Sub may not publish dead letters', without('logweir-dead-pubsub'), /may not publish dead letters/],
  [
    'Pub/Sub may not take dead letters out',
    without('logweir-alert-dead-pubsub'),
    /may not take dead letters out of logweir-alert/,
  ],
  ['nothing keeps dead letters', without('logweir-dead', 'Subscription'), /nothing keeps dead letters/],
  [
    'attempts follow each other at once',
    onSubscription('alert', (inputs) => {
      delete inputs.retryPolicy;
    }),
    /does not wait between attempts/,
  ],
  [
    'a subscription expires',
    onSubscription('parse', (inputs) => {
      inputs.expirationPolicy = { ttl: '2678400s' };
    }),
    /expires/,
  ],
  [
    'a push carries no token',
    onSubscription('parse', (inputs) => {
      delete inputs.pushConfig.oidcToken;
    }),
    /the token for parse/,
  ],
  [
    'a token is for another address',
    onSubscription('alert', (inputs) => {
      inputs.pushConfig.oidcToken.audience = 'https://other';
    }),
    /the token for alert is for https:\/\/other/,
  ],
  ['nobody may make tokens', without('logweir-schedule-token'), /nobody may make tokens of schedule/],
  ['a caller may not call', without('logweir-close-called'), /timer may not call close/],
  ['a schedule is missing', without('logweir-sweep', 'Job'), /nothing calls sweep/],
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
  ['an API is not enabled', without('logweir-cloudtasks', 'Service'), /apis: cloudtasks is not enabled/],
  [
    'an API that only calls need is not enabled',
    without('logweir-bigquerystorage'),
    /bigquerystorage is not enabled/,
  ],
  [
    'an API is enabled for nothing',
    also({
      type: 'gcp:projects/service:Service',
      name: 'x',
      inputs: { service: 'dataflow.googleapis.com', disableOnDestroy: false } as Inputs,
    }),
    /nothing needs dataflow/,
  ],
  [
    'two functions share an account',
    onFunction('alert', (inputs) => {
      inputs.serviceConfig.serviceAccountEmail = 'logweir-parse@my-project.iam.gserviceaccount.com';
    }),
    /share a service account/,
  ],
  [
    'a function has a setting that it refuses',
    onFunction('parse', (inputs) => {
      inputs.serviceConfig.environmentVariables.LOGWEIR_TYPO = '1';
    }),
    /LOGWEIR_TYPO is not a setting/,
  ],
  [
    'other code would not be deployed',
    onFunction('parse', (inputs) => {
      delete inputs.buildConfig.source.storageSource.generation;
    }),
    /other code would not be deployed/,
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
  [
    'nobody pays',
    change('logweir-logs', 'Topic', (inputs) => {
      inputs.labels = {};
    }),
    /nobody pays for logweir-logs/,
  ],
  [
    'a function does not wait for its grants',
    (made) => made.map((one) => (one.name === 'logweir-parse' ? { ...one, after: [] } : one)),
    /ordered: logweir-parse does not wait/,
  ],
  ['nothing watches dead letters', without('logweir-dead-letters'), /nothing watches dead-letters/],
  [
    'a value is none that the provider knows',
    onFunction('parse', (inputs) => {
      inputs.serviceConfig.ingressSettings = 'ALLOW_SOME';
    }),
    /ingressSettings: "ALLOW_SOME"; allowed: ALLOW_ALL/,
  ],
  [
    'a required field is missing',
    onSubscription('parse', (inputs) => {
      delete inputs.topic;
    }),
    /topic is required/,
  ],
  [
    'a field is misspelt',
    onSubscription('parse', (inputs) => {
      inputs.ackDeadline = 600;
    }),
    /no field ackDeadline/,
  ],
  [
    'a nested field is misspelt',
    change('logweir-archive', 'Bucket', (inputs) => {
      inputs.lifecycleRules[0].condition.days = 3;
    }),
    /no field days/,
  ],
  [
    'a number stands as text',
    onSubscription('parse', (inputs) => {
      inputs.ackDeadlineSeconds = '600';
    }),
    /should be a number/,
  ],
];

const everythingWrong = (made: readonly Made[]): string[] => [...problemsOf(made), ...refusals(made)];

describe('a stack that is broken on purpose', () => {
  it('nothing is wrong before it is broken', () => {
    expect(everythingWrong(stack.made)).toEqual([]);
    expect(everythingWrong(dev.made)).toEqual([]);
  });

  it.each(MUTATIONS)('it is found when %s', (_, mutate, finding) => {
    const broken = mutate(structuredClone(stack.made) as Made[]);
    expect(everythingWrong(broken).join('\n')).toMatch(finding);
  });
});

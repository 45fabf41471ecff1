/** What goes wrong with who may do what. */
import type { Inputs } from '../stack.ts';
import { also, change, type Mutation, without } from './mutation.ts';

export const GRANT_MUTATIONS: readonly Mutation[] = [
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
    'the right to delegate by the connection is dropped',
    without('logweir-tier-delegator-connection'),
    /tier lacks custom:delegator on the connection/,
  ],
  [
    'live tail may not attach to the topic',
    without('logweir-api-pubsub-subscriber-log-topic'),
    /api lacks roles\/pubsub.subscriber on the log topic/,
  ],
  [
    'the API may publish to every topic',
    change('logweir-api-pubsub-publisher-log-topic', 'TopicIAMMember', (inputs) => {
      delete inputs.topic;
    }),
    /api needs no logweir-api-pubsub-publisher-log-topic/,
  ],
  [
    'the API may not call drift',
    without('logweir-api-run-invoker-drift-function'),
    /api lacks roles\/run.invoker on the drift function/,
  ],
  [
    'a function does not wait for its grants',
    (made) => made.map((one) => (one.name === 'logweir-parse' ? { ...one, after: [] } : one)),
    /ordered: logweir-parse does not wait/,
  ],
];

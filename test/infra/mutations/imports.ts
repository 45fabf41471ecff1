/** What goes wrong with a topic that imports from Kafka. */
import { change, type Mutation, without } from './mutation.ts';

export const IMPORT_MUTATIONS: readonly Mutation[] = [
  [
    'Pub/Sub may not publish what it imports',
    without('logweir-import-publishes'),
    /Pub\/Sub may not publish what it imports to logweir-logs/,
  ],
  [
    'Pub/Sub cannot prove to Kafka who it is',
    without('logweir-import-pubsub'),
    /Pub\/Sub may make no tokens of logweir-import@/,
  ],
  [
    'records that cannot be imported go without a word',
    change('logweir-logs', 'Topic', (inputs) => {
      delete inputs.ingestionDataSourceSettings.platformLogsSettings;
    }),
    /logweir-logs does not say what it cannot import/,
  ],
  [
    'nobody hears that Kafka refuses Pub/Sub',
    without('logweir-import-stopped'),
    /nothing watches import-stopped/,
  ],
  [
    'Kafka is named where Event Hubs are meant',
    change('logweir-logs', 'Topic', (inputs) => {
      const { confluentCloud } = inputs.ingestionDataSourceSettings;
      inputs.ingestionDataSourceSettings = { azureEventHubs: confluentCloud };
    }),
    /azureEventHubs: no field bootstrapServer/,
  ],
];

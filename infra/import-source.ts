/**
 * Where the topic of logs may import from, beside what is published to it: what Pub/Sub itself reads, as the pinned
 * provider declares it. Pub/Sub proves who it is by a token of a service account of the stack, which the other side is
 * told to trust (README.md); no key is kept anywhere. Each record there is one message here, its value the data.
 * Delivery is at least once. Source: https://cloud.google.com/pubsub/docs/import-topics
 */
import type * as gcp from '@pulumi/gcp';
import type { Input } from '@pulumi/pulumi';
import { z } from 'zod';

type Ingestion = gcp.types.input.pubsub.TopicIngestionDataSourceSettings;

const kafkaTopic = z.string().regex(/^[\w.-]{1,249}$/, 'the name of a Kafka topic');
const uuid = z
  .string()
  .regex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, 'an id such as 00000000-0000-0000-0000-000000000000');
const arn = (form: RegExp, example: string): z.ZodString => z.string().regex(form, example);
const role = arn(/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'arn:aws:iam::ACCOUNT:role/NAME');

export const importSource = z.discriminatedUnion('source', [
  z.strictObject({
    source: z.literal('confluentCloud'),
    bootstrapServer: z.string().regex(/^[\w.-]+:\d+$/, 'host:port'),
    clusterId: z.string().regex(/^lkc-[\w-]+$/, 'the id of a cluster, lkc-…'),
    topic: kafkaTopic,
    identityPoolId: z.string().regex(/^pool-\w+$/, 'the id of an identity pool, pool-…'),
  }),
  z.strictObject({
    source: z.literal('awsMsk'),
    clusterArn: arn(
      /^arn:aws[\w-]*:kafka:[a-z\d-]+:\d{12}:cluster\/[\w.-]+\/[\w-]+$/,
      'arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/ID',
    ),
    topic: kafkaTopic,
    awsRoleArn: role,
  }),
  /** Event Hubs speak Kafka too; Pub/Sub reads them by their own protocol. */
  z.strictObject({
    source: z.literal('azureEventHubs'),
    namespace: z.string().regex(/^[A-Za-z][A-Za-z\d-]{4,48}[A-Za-z\d]$/, 'a namespace of Event Hubs'),
    eventHub: z.string().regex(/^[\w.-]{1,256}$/, 'the name of an event hub'),
    resourceGroup: z.string().regex(/^[\w.()-]{1,90}$/, 'the name of a resource group'),
    subscriptionId: uuid,
    tenantId: uuid,
    clientId: uuid,
  }),
  z.strictObject({
    source: z.literal('awsKinesis'),
    streamArn: arn(
      /^arn:aws[\w-]*:kinesis:[a-z\d-]+:\d{12}:stream\/[\w.-]+$/,
      'arn:aws:kinesis:REGION:ACCOUNT:stream/NAME',
    ),
    consumerArn: arn(
      /^arn:aws[\w-]*:kinesis:[a-z\d-]+:\d{12}:stream\/[\w.-]+\/consumer\/[\w.-]+:\d+$/,
      'arn:aws:kinesis:REGION:ACCOUNT:stream/NAME/consumer/NAME:TIME',
    ),
    awsRoleArn: role,
  }),
  /** Files of a bucket, a line a message; Pub/Sub reads them by its own account. */
  z.strictObject({
    source: z.literal('cloudStorage'),
    bucket: z.string().regex(/^[a-z\d][\w.-]{1,220}[a-z\d]$/, 'the name of a bucket, without gs://'),
    matchGlob: z.string().min(1).optional(),
  }),
]);
export type ImportSource = Readonly<z.infer<typeof importSource>>;

/** Whether the other side has to trust a service account of the stack. */
export const isFederated = ({ source }: ImportSource): boolean => source !== 'cloudStorage';

/** As the provider takes it; `account` is the address of that service account. */
export function ingestionOf(from: ImportSource, account: Input<string>): Ingestion {
  // Without it Pub/Sub says nothing of what it cannot import: too large, against a schema, no rights any more.
  const platformLogsSettings = { severity: 'WARNING' };
  switch (from.source) {
    case 'confluentCloud': {
      const { source: _, ...rest } = from;
      return { platformLogsSettings, confluentCloud: { ...rest, gcpServiceAccount: account } };
    }
    case 'awsMsk': {
      const { source: _, ...rest } = from;
      return { platformLogsSettings, awsMsk: { ...rest, gcpServiceAccount: account } };
    }
    case 'azureEventHubs': {
      const { source: _, ...rest } = from;
      return { platformLogsSettings, azureEventHubs: { ...rest, gcpServiceAccount: account } };
    }
    case 'awsKinesis': {
      const { source: _, ...rest } = from;
      return { platformLogsSettings, awsKinesis: { ...rest, gcpServiceAccount: account } };
    }
    case 'cloudStorage':
      return {
        platformLogsSettings,
        cloudStorage: {
          bucket: from.bucket,
          textFormat: { delimiter: '\n' },
          ...(from.matchGlob === undefined ? {} : { matchGlob: from.matchGlob }),
        },
      };
  }
}

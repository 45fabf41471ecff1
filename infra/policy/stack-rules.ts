/** What is asked of a stack as a whole: what one resource alone cannot show. */
import type { PolicyResource, ReportViolation, StackValidationPolicy } from '@pulumi/policy';

/** Where the key of what is stored stands. */
const KEY_AT: Readonly<Record<string, readonly string[]>> = {
  'gcp:pubsub/topic:Topic': ['kmsKeyName'],
  'gcp:storage/bucket:Bucket': ['encryption', 'defaultKmsKeyName'],
  'gcp:bigquery/dataset:Dataset': ['defaultEncryptionConfiguration', 'kmsKeyName'],
  'gcp:firestore/database:Database': ['cmekConfig', 'kmsKeyName'],
  'gcp:artifactregistry/repository:Repository': ['kmsKeyName'],
  'gcp:cloudfunctionsv2/function:Function': ['kmsKeyName'],
  'gcp:vertex/aiEndpoint:AiEndpoint': ['encryptionSpec', 'kmsKeyName'],
};

const keyOf = ({ type, props }: PolicyResource): unknown =>
  (KEY_AT[type] ?? []).reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    props,
  );

export const STACK_RULES: readonly StackValidationPolicy[] = [
  {
    name: 'one-key-for-all',
    description: 'Where anything is encrypted with a key of yours, all that is stored is.',
    validateStack: ({ resources }, report: ReportViolation) => {
      const stored = resources.filter(({ type }) => KEY_AT[type] !== undefined);
      if (!stored.some((one) => keyOf(one) !== undefined)) return;
      for (const one of stored)
        if (keyOf(one) === undefined) report(`${one.name}: is not encrypted with the key`, one.urn);
    },
  },
  {
    name: 'dead-letters-are-kept',
    description: 'Somebody keeps what the dead-letter topic gets.',
    validateStack: ({ resources }, report: ReportViolation) => {
      const subscriptions = resources.filter(({ type }) => type === 'gcp:pubsub/subscription:Subscription');
      const kept = new Set(subscriptions.map(({ props }) => props.topic));
      for (const { name, urn, props } of subscriptions) {
        const topic = props.deadLetterPolicy?.deadLetterTopic;
        if (topic !== undefined && !kept.has(topic)) report(`${name}: nothing subscribes to ${topic}`, urn);
      }
    },
  },
];

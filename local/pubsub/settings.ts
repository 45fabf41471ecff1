/**
 * Topics and subscriptions as a client sends them, to what is kept: defaults filled in, ranges checked, and what
 * this stand-in cannot do refused. Kept and not acted upon: labels, storage policy, expiration policy, and the
 * push identity (no token is sent: there is nobody on a laptop to check it).
 * Source: the comments in google/pubsub/v1/pubsub.proto.
 */
import { type Failure, invalid, unsupported } from './failure.ts';
import { checkName } from './names.ts';
import { checkDatetimeFormat } from './object-name.ts';
import type { CloudStorageConfig, PushConfig, Seconds, Subscription, Topic } from './wire.ts';
import { millisOf } from './wire.ts';

const ACTIVE = 1;
const WEEK: Seconds = { seconds: '604800' };
const MONTH: Seconds = { seconds: '2678400' };
const FIVE_MINUTES: Seconds = { seconds: '300' };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const TOPIC_FIELDS = ['name', 'labels', 'tags', 'messageStoragePolicy', 'satisfiesPzs', 'state'];
const SUBSCRIPTION_FIELDS = [
  'name',
  'topic',
  'pushConfig',
  'cloudStorageConfig',
  'ackDeadlineSeconds',
  'messageRetentionDuration',
  'labels',
  'tags',
  'enableMessageOrdering',
  'expirationPolicy',
  'filter',
  'deadLetterPolicy',
  'retryPolicy',
  'detached',
  'state',
];
const UNCHANGEABLE = ['name', 'topic', 'filter', 'enableMessageOrdering'];

/** Checks a topic and fills in what the service does. */
export function completeTopic(topic: Topic): Topic {
  checkName('topics', topic.name ?? '');
  refuseOthers(topic, TOPIC_FIELDS, 'A topic');
  return { ...topic, state: ACTIVE };
}

/** Checks a subscription and fills in the service's defaults. The topics that it names are not looked up. */
export function completeSubscription(given: Subscription): Subscription {
  checkName('subscriptions', given.name ?? '');
  refuseOthers(given, SUBSCRIPTION_FIELDS, 'A subscription');
  const push = completePush(given.pushConfig);
  const storage = given.cloudStorageConfig && completeStorage(given.cloudStorageConfig);
  if (push.pushEndpoint && storage) {
    throw invalid('Only one of push_config and cloud_storage_config may be set.');
  }
  const { deadLetterPolicy, retryPolicy } = given;
  return {
    ...given,
    pushConfig: push,
    ...(storage ? { cloudStorageConfig: storage } : {}),
    ackDeadlineSeconds: ackDeadline(given.ackDeadlineSeconds ?? 0),
    messageRetentionDuration: within(
      'message_retention_duration',
      given.messageRetentionDuration ?? WEEK,
      10 * MINUTE_MS,
      31 * DAY_MS,
    ),
    expirationPolicy: given.expirationPolicy ?? { ttl: MONTH },
    ...(deadLetterPolicy ? { deadLetterPolicy: completeDeadLetter(deadLetterPolicy) } : {}),
    ...(retryPolicy ? { retryPolicy: completeRetry(retryPolicy) } : {}),
    state: ACTIVE,
  };
}

/** Takes the masked fields from `next`, as an update does. `paths` are in snake or camel case. */
export function masked<Kept extends object>(kept: Kept, next: Kept, paths: readonly string[]): Kept {
  if (paths.length === 0) throw invalid('The update_mask in the request must not be empty.');
  const changed = { ...kept } as Record<string, unknown>;
  for (const path of paths) {
    const field = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (UNCHANGEABLE.includes(field) || !/^[A-Za-z]+$/.test(field)) {
      throw invalid(`Invalid update_mask provided in the request (path=${path} cannot be updated).`);
    }
    const value = (next as Record<string, unknown>)[field];
    if (value === undefined) delete changed[field];
    else changed[field] = value;
  }
  return changed as Kept;
}

/** A deadline in seconds; 0 is the default, 10 s. */
export function ackDeadline(seconds: number): number {
  if (seconds === 0) return 10;
  if (seconds < 10 || seconds > 600) {
    throw invalid(`Invalid ack deadline given (ack_deadline_seconds=${seconds}). It must be 10 to 600 s.`);
  }
  return seconds;
}

function completePush(config: PushConfig = {}): PushConfig {
  if (config.noWrapper) throw unsupported('push_config.no_wrapper');
  const endpoint = config.pushEndpoint ?? '';
  if (endpoint !== '' && !isHttp(endpoint)) {
    throw invalid(`Invalid push endpoint given (endpoint=${endpoint}). It must be a URL.`);
  }
  return config;
}

function isHttp(endpoint: string): boolean {
  return URL.canParse(endpoint) && ['http:', 'https:'].includes(new URL(endpoint).protocol);
}

function completeStorage(config: CloudStorageConfig): CloudStorageConfig {
  const { bucket = '', filenameSuffix = '', filenameDatetimeFormat = '' } = config;
  if (config.avroConfig?.useTopicSchema) throw unsupported('avro_config.use_topic_schema');
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket)) {
    throw invalid(`Invalid Cloud Storage bucket name given (bucket=${bucket}).`);
  }
  if (filenameSuffix.endsWith('/')) {
    throw invalid(`filename_suffix must not end in "/" (filename_suffix=${filenameSuffix}).`);
  }
  checkDatetimeFormat(filenameDatetimeFormat);
  if (config.maxBytes) inRange('max_bytes', Number(config.maxBytes), 1_000, 10 * 2 ** 30);
  if (config.maxMessages) inRange('max_messages', Number(config.maxMessages), 1_000, Number.MAX_SAFE_INTEGER);
  const maxDuration = within('max_duration', config.maxDuration ?? FIVE_MINUTES, MINUTE_MS, 10 * MINUTE_MS);
  const format = config.avroConfig ? {} : { textConfig: config.textConfig ?? {} };
  return { ...config, ...format, maxDuration, state: ACTIVE };
}

function completeDeadLetter(
  policy: NonNullable<Subscription['deadLetterPolicy']>,
): NonNullable<Subscription['deadLetterPolicy']> {
  const deadLetterTopic = checkName('topics', policy.deadLetterTopic ?? '', 'dead_letter_topic');
  const maxDeliveryAttempts = policy.maxDeliveryAttempts || 5;
  inRange('max_delivery_attempts', maxDeliveryAttempts, 5, 100);
  return { deadLetterTopic, maxDeliveryAttempts };
}

function completeRetry(
  policy: NonNullable<Subscription['retryPolicy']>,
): NonNullable<Subscription['retryPolicy']> {
  const limitMs = 10 * MINUTE_MS;
  const minimumBackoff = within('minimum_backoff', policy.minimumBackoff ?? { seconds: '10' }, 0, limitMs);
  const maximumBackoff = within('maximum_backoff', policy.maximumBackoff ?? { seconds: '600' }, 0, limitMs);
  if (millisOf(minimumBackoff) > millisOf(maximumBackoff)) {
    throw invalid('Invalid retry policy: minimum_backoff must not be larger than maximum_backoff.');
  }
  return { minimumBackoff, maximumBackoff };
}

function within(field: string, span: Seconds, minMs: number, maxMs: number): Seconds {
  inRange(`${field} in seconds`, millisOf(span) / 1000, minMs / 1000, maxMs / 1000);
  return span;
}

function inRange(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw outOfRange(field, value, min, max);
}

const outOfRange = (field: string, value: number, min: number, max: number): Failure =>
  invalid(`Invalid value given (${field}=${value}). It must be ${min} to ${max}.`);

/** A field that is set and not known here is refused; one that is off is as good as not set. */
function refuseOthers(value: object, known: readonly string[], what: string): void {
  for (const [field, content] of Object.entries(value)) {
    const isOff = content === false || content === '' || (Array.isArray(content) && content.length === 0);
    if (!known.includes(field) && !isOff) throw unsupported(`${what} with ${snakeCase(field)}`);
  }
}

const snakeCase = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

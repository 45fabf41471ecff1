/**
 * The source of live tail: a subscription of this instance's own to the topic of the logs, while somebody listens, read
 * by the same code as parse reads it. Why not a query of log_entries every half second: BigQuery bills what a query
 * scans, and a day's partition scanned twice a second costs more in an hour than all else in a day; a subscription costs
 * its bytes alone, and shows an entry before it stands in BigQuery.
 *
 * Delivery: from the opening on, at most once to those who listen; what comes again (by batch id) is passed over. A
 * subscription that a crash left behind keeps messages for ten minutes and goes away after a day.
 */
import { randomUUID } from 'node:crypto';
import type { Message, PubSub } from '@google-cloud/pubsub';
import { readBatch } from '../../ingest/batch.ts';
import { isFailure } from '../../ingest/failure.ts';
import type { LogEntry } from '../../parse/log-entry.ts';
import { parseRecordsOf } from '../../parse/parse-records.ts';
import type { Parser } from '../../parse/record-context.ts';
import type { TailSource } from './feed.ts';

export interface SubscriptionOptions {
  readonly pubsub: PubSub;
  readonly topic: string;
  readonly parser: Parser;
  readonly limits: { readonly maxUnpackedBytes: number; readonly maxRecordBytes: number };
  /** Told of what fails; the subscription goes on where it can. */
  readonly report: (error: unknown) => void;
  readonly newId?: () => string;
}

const RETENTION_S = 600;
const EXPIRY_S = 86_400;
/** Batches remembered. */
const MOST_SEEN = 10_000;

export const subscriptionSource =
  ({ pubsub, topic, parser, limits, report, newId = randomUUID }: SubscriptionOptions): TailSource =>
  async (onEntries) => {
    const name = `tail-${newId()}`;
    const [subscription] = await pubsub.topic(topic).createSubscription(name, {
      messageRetentionDuration: RETENTION_S,
      expirationPolicy: { ttl: { seconds: EXPIRY_S } },
      ackDeadlineSeconds: 60,
      flowControl: { maxMessages: 100, maxBytes: 64 * 1024 * 1024 },
    });
    const seen = new Set<string>();
    subscription.on('error', report);
    subscription.on('message', (message: Message) => {
      message.ack();
      try {
        const entries = entriesOf(message, { parser, limits, seen });
        if (entries.length > 0) onEntries(entries);
      } catch (error) {
        report(error);
      }
    });
    return {
      async close() {
        await subscription.close();
        await subscription.delete();
      },
    };
  };

function entriesOf(
  message: Message,
  { parser, limits, seen }: Pick<SubscriptionOptions, 'parser' | 'limits'> & { readonly seen: Set<string> },
): LogEntry[] {
  const batch = readBatch(
    {
      data: message.data,
      attributes: message.attributes,
      messageId: message.id,
      publishTimeUs: Math.floor(message.publishTime.getTime() * 1000),
    },
    limits,
  );
  // What cannot be read is a dead letter of parse's.
  if (isFailure(batch) || seen.has(batch.id)) return [];
  seen.add(batch.id);
  if (seen.size > MOST_SEEN) seen.delete(seen.values().next().value!);
  return parseRecordsOf(batch, parser, limits.maxRecordBytes).flatMap(({ result }) =>
    isFailure(result) ? [] : [result],
  );
}

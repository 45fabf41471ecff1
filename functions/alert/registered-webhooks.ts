/**
 * Webhooks that people registered by the API: kept in Firestore, each a channel of its own, so that one that is dead holds
 * up no other. Who sends looks for new ones every ten seconds; when Firestore does not answer, the known ones stay.
 */
import type { Firestore } from '@google-cloud/firestore';
import { z } from 'zod';
import { errorFields, log } from '../log.ts';
import { WARNING } from '../parse/severity.ts';
import { type Channel, sent } from './channel/channel.ts';
import type { SafeFetch } from './channel/safe-fetch.ts';
import { webhook } from './channel/webhook.ts';
import { SEVERITIES } from './rules/rule.ts';

const COLLECTION = 'alert_webhooks';
const REFRESH_MS = 10_000;
/** Each alert goes to all of them. */
export const MAX_WEBHOOKS = 50;

const stored = z.object({
  url: z.string(),
  secret: z.string().nullable(),
  min_severity: z.enum(SEVERITIES),
  comment: z.string(),
  created_at_ms: z.number(),
  created_by: z.string(),
});

export interface RegisteredWebhook {
  /** Lower-case letters and digits. */
  readonly id: string;
  readonly url: string;
  /** null: not signed. */
  readonly secret: string | null;
  readonly minSeverity: (typeof SEVERITIES)[number];
  readonly comment: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

export interface WebhookStore {
  /** The oldest first, at most MAX_WEBHOOKS. */
  list(): Promise<readonly RegisteredWebhook[]>;
  add(webhook: RegisteredWebhook): Promise<void>;
  /** false: there was none of this id. */
  remove(id: string): Promise<boolean>;
}

export function firestoreWebhooks(firestore: Firestore): WebhookStore {
  const collection = firestore.collection(COLLECTION);
  const list = async (): Promise<RegisteredWebhook[]> => {
    const { docs } = await collection.limit(MAX_WEBHOOKS).get();
    return docs
      .flatMap((document) => {
        const parsed = stored.safeParse(document.data());
        return parsed.success ? [read(document.id, parsed.data)] : [];
      })
      .sort((a, b) => a.createdAtMs - b.createdAtMs);
  };
  return {
    list,
    async add({ id, url, secret, minSeverity, comment, createdAtMs, createdBy }) {
      await collection.doc(id).create({
        ...{ url, secret, comment },
        min_severity: minSeverity,
        created_at_ms: createdAtMs,
        created_by: createdBy,
      });
    },
    async remove(id) {
      if (!(await list()).some((one) => one.id === id)) return false;
      await firestore.batch().delete(collection.doc(id)).commit();
      return true;
    },
  };
}

const read = (id: string, row: z.infer<typeof stored>): RegisteredWebhook => ({
  id,
  ...{ url: row.url, secret: row.secret, comment: row.comment },
  minSeverity: row.min_severity,
  createdAtMs: row.created_at_ms,
  createdBy: row.created_by,
});

export interface ChannelEffects {
  readonly fetch: SafeFetch;
  readonly clock: () => number;
}

/** A registered webhook as a channel; what is less severe than it wants counts as sent. */
export function channelOf(
  { id, url, secret, minSeverity }: RegisteredWebhook,
  effects: ChannelEffects,
): Channel {
  const channel = webhook({ ...effects, url, secret });
  return {
    ...channel,
    name: `webhook.${id}`,
    send: async (delivery) =>
      SEVERITIES.indexOf(delivery.message.severity) < SEVERITIES.indexOf(minSeverity)
        ? sent(delivery.thread)
        : channel.send(delivery),
  };
}

export interface RegisteredChannels {
  channels(): readonly Channel[];
  /** Looks for new ones when it is time. Never rejects. */
  refresh(): Promise<void>;
}

export function registeredChannels(store: WebhookStore, effects: ChannelEffects): RegisteredChannels {
  let known: readonly Channel[] = [];
  let lookedMs = Number.NEGATIVE_INFINITY;
  return {
    channels: () => known,
    async refresh() {
      if (effects.clock() - lookedMs < REFRESH_MS) return;
      lookedMs = effects.clock();
      try {
        known = (await store.list()).map((one) => channelOf(one, effects));
      } catch (error) {
        log(WARNING, 'alert', 'registered webhooks cannot be read; those known stay', errorFields(error));
      }
    },
  };
}

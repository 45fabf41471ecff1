/**
 * Notices and rows as outbox entries, and back. Pure. The id of an entry is made of incident, channel and number: who
 * commits the same notice twice makes the same entries, and the second commit does not hold.
 */
import type { Channel, Delivery } from './channel/channel.ts';
import type { Notice } from './group.ts';
import type { AlertMessage } from './message/content.ts';
import type { AlertEvent, Rows } from './rows.ts';
import type { OutboxEntry, WaitingEntry } from './store.ts';

/** The pseudo-channel that rows go out by. */
export const WAREHOUSE = 'warehouse';

/** Sentences about what is new that one message tells. */
const MAX_NEWS = 20;

/** What an entry holds for a channel. */
interface Letter {
  readonly kind: Notice['kind'];
  readonly loud: boolean;
  readonly message: AlertMessage;
  /** The alert that the delivery is noted under. */
  readonly alertId: string;
}

/** The entries of a notice: one for each channel that it is for. */
export function entriesOf(
  notice: Notice,
  message: AlertMessage,
  channels: readonly Channel[],
): OutboxEntry[] {
  const { incident, sequence, kind, loud } = notice;
  const data = JSON.stringify({
    ...{ kind, loud, message },
    alertId: incident.alerts[0]?.alertId ?? incident.id,
  } satisfies Letter);
  return channels
    .filter((channel) => hears(channel, notice))
    .map(({ name }) => ({
      id: `${incident.id}.${name}.${sequence}`,
      thread: `${incident.id}.${name}`,
      sequence,
      channel: name,
      data,
      replaceable: kind === 'updated',
    }));
}

/** Whether a channel is told, by what it can do with an update. */
function hears({ name, updates }: Channel, { channels, first, kind, loud, news }: Notice): boolean {
  if (!channels.includes(name)) return false;
  if (first.includes(name) || updates === 'edit') return true;
  if (updates === 'reply') return loud;
  return kind !== 'updated' || news.some(({ what }) => what === 'more severe');
}

export const rowsEntry = (id: string, rows: Rows): OutboxEntry => ({
  id,
  thread: id,
  sequence: 1,
  channel: WAREHOUSE,
  data: JSON.stringify(rows),
  replaceable: false,
});

export const readRows = ({ data }: WaitingEntry): Rows => JSON.parse(data) as Rows;

const readLetter = ({ data }: WaitingEntry): Letter => JSON.parse(data) as Letter;

/** `skipped`: updates that waited before it and are told with it. */
export function deliveryOf(
  entry: WaitingEntry,
  thread: Delivery['thread'],
  skipped: readonly WaitingEntry[],
): Delivery {
  const { kind, loud, message } = readLetter(entry);
  const before = skipped.map(readLetter);
  const news = [...before.flatMap((one) => one.message.news), ...message.news];
  return {
    ...{ key: entry.id, kind, thread, attempt: entry.attempt },
    loud: loud || before.some((one) => one.loud),
    message: { ...message, news: news.slice(-MAX_NEWS) },
  };
}

/** The row that tells what became of a delivery. */
export function deliveryEvent(
  entry: WaitingEntry,
  delivery: AlertEvent['delivery'],
  reason: string,
  nowMs: number,
): OutboxEntry {
  const { alertId, message } = readLetter(entry);
  const event: AlertEvent = {
    eventId: `${entry.id}.${delivery}`,
    alertId,
    changedAtMs: nowMs,
    from: null,
    to: message.resolved ? 'resolved' : 'firing',
    reason,
    channel: entry.channel,
    delivery,
  };
  return rowsEntry(`${entry.id}.${delivery}`, { alerts: [], events: [event] });
}

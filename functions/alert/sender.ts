/**
 * Stage alert, the outbox: what was committed goes out, each thread in order, each channel by itself.
 *
 * Guarantee: an entry is sent at least once, and once as its reader sees it where the channel can tell that it has it
 * (channel/*.ts); a sender that dies is followed by another when its lease ends. A channel that is dead or asks to wait
 * holds up nobody else; what cannot be delivered is tried again for a day, then stands as failed for all to see
 * (`logweir alerts list`, alert_events).
 * Under pressure: at most `budgetMs` a call, the rest is left to the next.
 */

import { log } from '../log.ts';
import { ERROR, INFO, WARNING } from '../parse/severity.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Channel, type Delivery, later, type Outcome, refused, sent } from './channel/channel.ts';
import { deliveryEvent, deliveryOf, readRows, WAREHOUSE } from './outbox.ts';
import { alertEvents, alerts } from './rows.ts';
import { type AlertStore, isTogether, type Lease, type WaitingEntry } from './store.ts';

export interface SenderEffects {
  readonly store: AlertStore;
  readonly channels: readonly Channel[];
  readonly warehouse: Pick<Warehouse, 'append'>;
  readonly clock: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** How long a thread is left to its sender, in ms; 90 s by default. */
  readonly leaseMs?: number;
}

export interface Sent {
  readonly sent: number;
  readonly waiting: number;
  readonly failed: number;
}

const MAX_THREADS = 200;
const LEASE_MS = 90_000;
const GIVE_UP_MS = 86_400_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** Sends what is due, and then the rows that tell of it. */
export async function sendDue(effects: SenderEffects, budgetMs = 45_000): Promise<Sent> {
  const counts = { sent: 0, waiting: 0, failed: 0 };
  const endMs = effects.clock() + budgetMs;
  await pass(effects, endMs, counts);
  if (counts.sent + counts.failed > 0) await pass(effects, endMs, counts);
  return counts;
}

type Counts = { -readonly [K in keyof Sent]: Sent[K] };

async function pass(effects: SenderEffects, endMs: number, counts: Counts): Promise<void> {
  const { store, clock, channels } = effects;
  const due = await store.dueThreads(clock(), MAX_THREADS);
  const byChannel = new Map<string, string[]>();
  for (const { thread, channel } of due) byChannel.set(channel, [...(byChannel.get(channel) ?? []), thread]);
  await Promise.all(
    [...byChannel].map(async ([name, threads]) => {
      const channel =
        name === WAREHOUSE ? warehouseChannel(effects) : channels.find((one) => one.name === name);
      for (const thread of threads) {
        if (clock() >= endMs) return;
        const lease = await store.lease(thread, clock(), clock() + (effects.leaseMs ?? LEASE_MS));
        if (lease === null) continue;
        const goOn = await sendThread(lease, channel ?? notSetUp(name), effects, counts);
        await store.release(thread);
        if (!goOn) return;
      }
    }),
  );
}

interface Sending {
  readonly intervalMs: number;
  readonly send: (entry: WaitingEntry, delivery: Delivery | null) => Promise<Outcome>;
  /** Its deliveries are noted; those of rows are not. */
  readonly noted: boolean;
}

/** Sends the entries of a thread in order; false: the channel wants to be left alone. */
async function sendThread(
  { ref, entries }: Lease,
  channel: Channel | Sending,
  effects: SenderEffects,
  counts: Counts,
): Promise<boolean> {
  const { store, clock, pause } = effects;
  let thread = ref;
  let skipped: WaitingEntry[] = [];
  for (const [i, entry] of entries.entries()) {
    // An update that others wait behind is told with them, unless it may have come through already.
    if (isTogether(entries, i) && entry.attempt === 1) {
      skipped.push(entry);
      continue;
    }
    const waits = [...skipped, ...entries.slice(i)];
    const earliestMs = earliestOf(entry, thread, channel);
    if (earliestMs > clock()) {
      await putOff(waits, { why: '', dueMs: earliestMs, tried: null }, effects);
      return true;
    }
    const outcome = await attempt(entry, { thread, channel, skipped });
    const nowMs = clock();
    if (outcome.result === 'sent') {
      thread = { ...(outcome.thread ?? thread), [SENT_AT]: nowMs };
      for (const one of skipped) await store.settle(one, { state: 'replaced' }, [], nowMs);
      skipped = [];
      const how = entry.attempt > 1 ? 'retried' : 'sent';
      await store.settle(entry, { state: 'sent', ref: thread }, noted(entry, how, 'delivered', nowMs), nowMs);
      counts.sent++;
      if (channel.intervalMs > 0) await pause(channel.intervalMs);
      continue;
    }
    const { why } = outcome;
    const final = outcome.result === 'refused' || nowMs - entry.createdMs >= GIVE_UP_MS;
    const { attempt: attempts } = entry;
    log(final ? ERROR : WARNING, 'alert', 'a message was not delivered', {
      ...{ channel: entry.channel, attempts, why, final },
    });
    if (!final) {
      const waitMs = Math.max(('afterMs' in outcome ? outcome.afterMs : null) ?? 0, pauseAfter(attempts));
      await putOff(waits, { why, dueMs: nowMs + waitMs, tried: entry }, effects);
      counts.waiting += waits.length;
      return false;
    }
    await store.settle(entry, { state: 'failed', why }, noted(entry, 'failed', why, nowMs), nowMs);
    counts.failed++;
  }
  return true;
}

/** Kept with what the channel keeps of a thread: when it last said something. */
const SENT_AT = 'sentAtMs';

/** When an entry may go out: updates not too soon after each other. */
function earliestOf(entry: WaitingEntry, thread: Lease['ref'], channel: Channel | Sending): number {
  const everyMs = 'updateEveryMs' in channel ? (channel.updateEveryMs ?? 0) : 0;
  const sentAtMs = thread?.[SENT_AT];
  return entry.replaceable && everyMs > 0 && typeof sentAtMs === 'number' ? sentAtMs + everyMs : 0;
}

async function putOff(
  entries: readonly WaitingEntry[],
  {
    why,
    dueMs,
    tried,
  }: { readonly why: string; readonly dueMs: number; readonly tried: WaitingEntry | null },
  { store, clock }: SenderEffects,
): Promise<void> {
  for (const entry of entries)
    await store.settle(entry, { state: 'waiting', why, dueMs, tried: entry === tried }, [], clock());
}

interface Attempt {
  readonly thread: Lease['ref'];
  readonly channel: Channel | Sending;
  readonly skipped: readonly WaitingEntry[];
}

async function attempt(entry: WaitingEntry, { thread, channel, skipped }: Attempt): Promise<Outcome> {
  try {
    if ('noted' in channel) return await channel.send(entry, null);
    return await channel.send(deliveryOf(entry, thread, skipped));
  } catch (error) {
    return later(error instanceof Error ? error.name : 'unknown');
  }
}

const noted = (entry: WaitingEntry, how: 'sent' | 'retried' | 'failed', why: string, nowMs: number) =>
  entry.channel === WAREHOUSE ? [] : [deliveryEvent(entry, how, why, nowMs)];

/** 5 s, 10 s, 20 s … 10 min. */
const pauseAfter = (attempts: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(20, attempts - 1));

const warehouseChannel = ({ warehouse }: SenderEffects): Sending => ({
  intervalMs: 0,
  noted: false,
  async send(entry) {
    const rows = readRows(entry);
    const [one, two] = await Promise.all([
      rows.alerts.length === 0 ? [] : warehouse.append(alerts, rows.alerts),
      rows.events.length === 0 ? [] : warehouse.append(alertEvents, rows.events),
    ]);
    return one.length + two.length > 0 ? refused(`BigQuery refused ${one.length + two.length} rows`) : sent();
  },
});

const notSetUp = (name: string): Sending => ({
  intervalMs: 0,
  noted: false,
  send: async () => later(`channel ${name} is not set up here`),
});

/** Says what was sent, where anything was. */
export function tellSent({ sent: out, waiting, failed }: Sent): void {
  if (out + waiting + failed > 0) log(INFO, 'alert', 'outbox', { sent: out, waiting, failed });
}

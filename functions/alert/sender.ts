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
import type { AlertStore, Lease, WaitingEntry } from './store.ts';

export interface SenderEffects {
  readonly store: AlertStore;
  readonly channels: readonly Channel[];
  readonly warehouse: Pick<Warehouse, 'append'>;
  readonly clock: () => number;
  readonly pause: (ms: number) => Promise<void>;
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
        const lease = await store.lease(thread, clock(), clock() + LEASE_MS);
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
  for (const [i, entry] of entries.entries()) {
    if (entry.replaceable && i < entries.length - 1) {
      await store.settle(entry, { state: 'replaced' }, [], clock());
      continue;
    }
    const outcome = await attempt(entry, thread, channel);
    const nowMs = clock();
    if (outcome.result === 'sent') {
      thread = outcome.thread ?? thread;
      const how = entry.attempt > 1 ? 'retried' : 'sent';
      await store.settle(entry, { state: 'sent', ref: thread }, noted(entry, how, 'delivered', nowMs), nowMs);
      counts.sent++;
      if (channel.intervalMs > 0) await pause(channel.intervalMs);
      continue;
    }
    const { why } = outcome;
    const tooOld = nowMs - entry.createdMs >= GIVE_UP_MS;
    log(outcome.result === 'refused' || tooOld ? ERROR : WARNING, 'alert', 'a message was not delivered', {
      channel: entry.channel,
      attempt: entry.attempt,
      why,
      final: outcome.result === 'refused' || tooOld,
    });
    if (outcome.result === 'refused' || tooOld) {
      await store.settle(entry, { state: 'failed', why }, noted(entry, 'failed', why, nowMs), nowMs);
      counts.failed++;
      continue;
    }
    const waitMs = Math.max(outcome.afterMs ?? 0, pauseAfter(entry.attempt));
    for (const waits of entries.slice(i))
      await store.settle(waits, { state: 'waiting', why, dueMs: nowMs + waitMs }, [], nowMs);
    counts.waiting += entries.length - i;
    return false;
  }
  return true;
}

async function attempt(
  entry: WaitingEntry,
  thread: Lease['ref'],
  channel: Channel | Sending,
): Promise<Outcome> {
  try {
    if ('noted' in channel) return await channel.send(entry, null);
    return await channel.send(deliveryOf(entry, thread));
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

/**
 * What people do with alerts: silence, take, look. Each is one commit to the board, with the rows that tell of it; when
 * somebody else was faster, it is done again on what there is now.
 */
import type { Channel } from './channel/channel.ts';
import type { Notice } from './group.ts';
import type { Board, Incident } from './incident.ts';
import { type ContentContext, contentOf } from './message/content.ts';
import { entriesOf, rowsEntry } from './outbox.ts';
import { type AlertEvent, takenRow } from './rows.ts';
import { type Matchers, matchers } from './rules/config.ts';
import type { Silence } from './silence.ts';
import type { AlertStore, OutboxEntry } from './store.ts';

const MAX_ATTEMPTS = 10;
export const MAX_SILENCE_MS = 31 * 86_400_000;

/** Changes the board; `change` null: nothing is to be done. */
async function change<T>(
  store: AlertStore,
  nowMs: number,
  work: (
    board: Board,
  ) => { readonly next: Board; readonly outbox: readonly OutboxEntry[]; readonly result: T } | null,
): Promise<T | null> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { board: before } = await store.load([]);
    const done = work(before.value);
    if (done === null) return null;
    const { next, outbox, result } = done;
    if (await store.commit({ services: [], board: { before, next }, outbox }, nowMs)) return result;
  }
  throw new Error(`${MAX_ATTEMPTS} commits did not hold; try again`);
}

export interface SilenceRequest {
  readonly match: Matchers;
  readonly forMs: number;
  readonly author: string;
  readonly comment: string;
}

/** Adds a silence; alerts that fire become silent with the next window or tick. Throws for one that matches everything. */
export async function addSilence(
  store: AlertStore,
  request: SilenceRequest,
  nowMs: number,
): Promise<Silence> {
  const match = matchers.parse(request.match);
  if (Object.keys(match).length === 0)
    throw new Error('a silence needs a label: service, rule, severity or tier');
  if (request.author.trim() === '') throw new Error('a silence needs its author');
  if (!(request.forMs > 0 && request.forMs <= MAX_SILENCE_MS))
    throw new Error(`a silence lasts from 1 ms to ${MAX_SILENCE_MS / 86_400_000} days`);
  const silence: Silence = {
    id: `s-${nowMs.toString(36)}`,
    match,
    fromMs: nowMs,
    untilMs: nowMs + request.forMs,
    author: request.author.trim().slice(0, 100),
    comment: request.comment.slice(0, 500),
  };
  const done = await change(store, nowMs, (board) => ({
    next: { ...board, silences: [...board.silences, silence] },
    outbox: [],
    result: silence,
  }));
  return done ?? silence;
}

/** Ends a silence; false: there is none of that id. */
export async function endSilence(store: AlertStore, id: string, nowMs: number): Promise<boolean> {
  const ended = await change(store, nowMs, (board) => {
    const silences = board.silences.filter((one) => one.id !== id);
    return silences.length === board.silences.length
      ? null
      : { next: { ...board, silences }, outbox: [], result: true };
  });
  return ended ?? false;
}

export interface OperateContext {
  readonly channels: readonly Channel[];
  readonly content: ContentContext;
}

/** Somebody takes an incident: it is not reminded of any more, and messages that can be edited say who. */
export async function acknowledge(
  store: AlertStore,
  { id, by }: { readonly id: string; readonly by: string },
  { channels, content }: OperateContext,
  nowMs: number,
): Promise<Incident | null> {
  const who = by.trim().slice(0, 100);
  if (who === '') throw new Error('say who takes it');
  return change(store, nowMs, (board) => {
    const found = board.incidents.find(
      (one) => one.id === id || one.alerts.some(({ alertId }) => alertId === id),
    );
    if (found === undefined || found.resolvedAtMs !== null) return null;
    const incident = { ...found, acknowledgedBy: who, sequence: found.sequence + 1 };
    const about = { kind: 'updated', loud: false, sequence: incident.sequence, atMs: nowMs } as const;
    const notice: Notice = { ...about, incident, news: [], channels: incident.channels, first: [] };
    const message = contentOf(notice, content);
    const events = incident.alerts.map(
      ({ alertId, phase }): AlertEvent => ({
        eventId: `${alertId}.acknowledged.${nowMs.toString(36)}`,
        ...{ alertId, changedAtMs: nowMs, from: phase, to: phase },
        ...{ reason: 'acknowledgement', channel: null, delivery: null },
      }),
    );
    const alerts = incident.alerts.map((alert) => takenRow(alert, incident.id, who, nowMs));
    return {
      next: { ...board, incidents: board.incidents.map((one) => (one === found ? incident : one)) },
      outbox: [
        ...entriesOf(
          notice,
          message,
          channels.filter(({ updates }) => updates === 'edit'),
        ),
        rowsEntry(`rows-${incident.id}.${incident.sequence}`, { alerts, events }),
      ],
      result: incident,
    };
  });
}

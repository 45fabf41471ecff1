/**
 * Stage alert, one step: observations (or a tick) → states, incidents, outbox, in one commit.
 *
 * Guarantee: a transition and the entries that tell of it are committed together or not at all; when another instance
 * was faster, all is read and judged again. Nothing is sent here.
 */
import type { Channel } from './channel/channel.ts';
import { type GroupContext, group, type Notice, remind } from './group.ts';
import type { Board, Series } from './incident.ts';
import { type ContentContext, contentOf } from './message/content.ts';
import type { Observation } from './observation.ts';
import { entriesOf, rowsEntry } from './outbox.ts';
import { eventsOf, rowOf } from './rows.ts';
import type { AlertConfig } from './rules/config.ts';
import { type Change, observe, type ServiceState, tick } from './service.ts';
import type { AlertStore, Loaded, OutboxEntry, StateChange } from './store.ts';

/** What the warehouse adds to the evidence: it is asked only when somebody will be told. */
export interface History {
  /** The last windows of a service as its rule sees them; null: not to be had. */
  series(change: Change): Promise<Series | null>;
  /** Templates by pattern id; those that are not known are left out. */
  templates(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface AlertEffects {
  readonly store: AlertStore;
  readonly history: History;
  readonly channels: readonly Channel[];
  readonly clock: () => number;
}

export interface AlertSettings {
  readonly config: AlertConfig;
  readonly content: ContentContext;
}

export interface Handled {
  readonly changes: readonly Change[];
  readonly notices: readonly Notice[];
}

/** Thrown when others were faster again and again; whoever called calls again. */
export class AlertConflict extends Error {
  override readonly name = 'AlertConflict';
}

const MAX_ATTEMPTS = 12;

/** Takes in observations of one or more services. */
export function handle(
  observations: readonly Observation[],
  effects: AlertEffects,
  settings: AlertSettings,
): Promise<Handled> {
  const services = [...new Set(observations.map(({ service }) => service))];
  return step(services, observations, effects, settings);
}

/** Lets the clock work on all alerts that are not over, and reminds of incidents. */
export async function handleTick(effects: AlertEffects, settings: AlertSettings): Promise<Handled> {
  const services = await effects.store.activeServices(MAX_TICKED);
  const all: Handled[] = [];
  for (let i = 0; i < services.length; i += TICKED_TOGETHER)
    all.push(await step(services.slice(i, i + TICKED_TOGETHER), null, effects, settings));
  all.push(await step([], null, effects, settings));
  return { changes: all.flatMap(({ changes }) => changes), notices: all.flatMap(({ notices }) => notices) };
}

const MAX_TICKED = 5_000;
const TICKED_TOGETHER = 50;

async function step(
  services: readonly string[],
  observations: readonly Observation[] | null,
  effects: AlertEffects,
  settings: AlertSettings,
): Promise<Handled> {
  const { store, clock } = effects;
  const told = new Map<string, Told>();
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const nowMs = clock();
    const loaded = await store.load(services);
    const judged = judge(loaded, observations, settings.config, nowMs);
    const changes = await enriched(judged.changes, effects.history, told);
    const context = contextOf(effects, settings, nowMs, told);
    const { value: board } = loaded.board;
    const grouped =
      observations === null && services.length === 0
        ? remind(board, context)
        : group(board, changes, context);
    const change: StateChange = {
      services: judged.states.filter(({ before, next }) => before.value !== next),
      board: grouped.board === board ? null : { before: loaded.board, next: grouped.board },
      outbox: outboxOf(changes, grouped.notices, grouped.board, effects, settings),
    };
    if (change.services.length === 0 && change.board === null) return { changes: [], notices: [] };
    if (await store.commit(change, nowMs)) return { changes, notices: grouped.notices };
  }
  throw new AlertConflict(`${MAX_ATTEMPTS} commits did not hold`);
}

function judge(
  loaded: Loaded,
  observations: readonly Observation[] | null,
  config: AlertConfig,
  nowMs: number,
) {
  const context = { config, silences: loaded.board.value.silences, nowMs };
  const changes: Change[] = [];
  const states = [...loaded.services].map(([service, before]) => {
    let next: ServiceState = before.value;
    const take = (result: { state: ServiceState; changes: readonly Change[] }): void => {
      // Windows of a service that is well leave nothing worth a write.
      if (result.changes.length > 0 || result.state.alerts !== next.alerts) next = result.state;
      changes.push(...result.changes);
    };
    if (observations === null) take(tick(next, context));
    else for (const one of observations) if (one.service === service) take(observe(next, one, context));
    return { before, next };
  });
  return { states, changes };
}

interface Told {
  readonly series: Series | null;
  readonly templates: ReadonlyMap<string, string>;
}

/** Adds what the warehouse knows; once for an alert, whatever has to be tried again. */
async function enriched(
  changes: readonly Change[],
  history: History,
  told: Map<string, Told>,
): Promise<Change[]> {
  return Promise.all(
    changes.map(async (change) => {
      let known = told.get(change.alertId);
      if (known === undefined) {
        const heard = change.to === 'firing' || change.to === 'flapping';
        const ids = change.evidence.patterns.map(({ id }) => id);
        const [series, templates] = heard
          ? await Promise.all([history.series(change), history.templates(ids)])
          : [null, new Map<string, string>()];
        known = { series, templates };
        told.set(change.alertId, known);
      }
      const { templates } = known;
      const patterns = change.evidence.patterns.map((one) => ({
        ...one,
        template: templates.get(one.id) ?? one.template,
      }));
      return { ...change, evidence: { ...change.evidence, patterns } };
    }),
  );
}

const contextOf = (
  { channels }: AlertEffects,
  { config }: AlertSettings,
  nowMs: number,
  told: ReadonlyMap<string, Told>,
): GroupContext => ({
  config,
  nowMs,
  channels: channels.map(({ name }) => name),
  seriesOf: ({ alertId }) => told.get(alertId)?.series ?? null,
});

function outboxOf(
  changes: readonly Change[],
  notices: readonly Notice[],
  board: Board,
  { channels }: AlertEffects,
  { content }: AlertSettings,
): OutboxEntry[] {
  const messages = notices.flatMap((notice) => entriesOf(notice, contentOf(notice, content), channels));
  if (changes.length === 0) return messages;
  const homeOf = (id: string) =>
    board.incidents.find(({ alerts }) => alerts.some(({ alertId }) => alertId === id));
  const events = changes.flatMap(eventsOf);
  const rows = changes.map((change) => {
    const home = homeOf(change.alertId);
    return rowOf(change, home?.id ?? null, home?.acknowledgedBy ?? null);
  });
  return [...messages, rowsEntry(`rows-${events.at(-1)!.eventId}`, { alerts: rows, events })];
}

/**
 * Stage alert, from changes of alerts to notices: one incident for what fails together, one message for one incident.
 * Pure.
 *
 * An alert joins an open incident that its service is part of, or whose traces it shares, or that another alert joined
 * less than `groupWithin` before; else it opens one. An incident is resolved with its last alert, and the same again
 * when one of its services fails within `reopenWithin`.
 * Notices: opened · updated (loud: a new service, a higher severity, flapping; quiet: for those who can edit what they
 * said) · reopened · reminded · resolved. Each has the next number of its incident: the key that makes it go out once.
 */
import type { Board, Incident, IncidentAlert, Series } from './incident.ts';
import { isActive, isLoud, severityOf, trimmed, withAlert } from './incident.ts';
import { channelsFor } from './route.ts';
import type { AlertConfig, ChannelName } from './rules/config.ts';
import { SEVERITIES } from './rules/rule.ts';
import type { Change } from './service.ts';

export const KINDS = ['opened', 'updated', 'reopened', 'reminded', 'resolved'] as const;
export type Kind = (typeof KINDS)[number];

/** What is new in a notice. */
export interface News {
  readonly what: 'joined' | 'also' | 'recovered' | 'silenced' | 'flapping' | 'came back' | 'more severe';
  readonly service: string;
  readonly rule: string;
}

export interface Notice {
  readonly kind: Kind;
  /** Worth a message of its own where what was said cannot be edited. */
  readonly loud: boolean;
  readonly sequence: number;
  readonly atMs: number;
  readonly incident: Incident;
  readonly news: readonly News[];
  /** Who is told. Those in `first` have not heard of the incident before. */
  readonly channels: readonly ChannelName[];
  readonly first: readonly ChannelName[];
}

export interface GroupContext {
  readonly config: AlertConfig;
  readonly nowMs: number;
  /** Channels that are set up. */
  readonly channels: readonly ChannelName[];
  /** What the windows before looked like, by service and rule. */
  readonly seriesOf: (change: Change) => Series | null;
}

export interface Grouped {
  readonly board: Board;
  readonly notices: readonly Notice[];
}

/** Takes in what changed. Changes of one call that belong together make one notice. */
export function group(board: Board, changes: readonly Change[], context: GroupContext): Grouped {
  const { nowMs, config } = context;
  const touched = new Map<string, { readonly before: Incident | null; now: Incident; news: News[] }>();
  let incidents = board.incidents;
  for (const change of [...changes].sort((a, b) => a.startedAtMs - b.startedAtMs)) {
    const found = incidents.find((one) => one.alerts.some(({ alertId }) => alertId === change.alertId));
    const heard = change.to === 'firing' || change.to === 'flapping';
    const home = found ?? (heard ? homeOf(change, incidents, context) : undefined);
    // Silenced from the start, or resolved and forgotten: nobody was told, and nobody is.
    if (home === undefined && !heard) continue;
    const incident = home ?? openedBy(change, nowMs);
    const joined = joinedBy(incident, change, context);
    const entry = touched.get(incident.id) ?? { before: home ?? null, now: joined, news: [] };
    entry.now = joined;
    entry.news.push(...newsOf(home ?? null, change));
    touched.set(incident.id, entry);
    incidents = home
      ? incidents.map((one) => (one.id === incident.id ? joined : one))
      : [...incidents, joined];
  }
  const notices = [...touched.values()].flatMap(({ before, now, news }) =>
    noticeOf(before, now, news, context),
  );
  return { board: settled({ ...board, incidents }, notices, config, nowMs), notices };
}

/** Reminds of what goes on; forgets what is over. */
export function remind(board: Board, context: GroupContext): Grouped {
  const { config, nowMs } = context;
  const notices = board.incidents.flatMap((incident): Notice[] => {
    if (incident.resolvedAtMs !== null || incident.acknowledgedBy !== null) return [];
    if (!incident.alerts.some(isLoud)) return [];
    if (nowMs - incident.toldAtMs < config.repeat[severityOf(incident)]) return [];
    return [notice('reminded', true, incident, { news: [], first: [], nowMs })];
  });
  return { board: settled(board, notices, config, nowMs), notices };
}

function homeOf(change: Change, incidents: readonly Incident[], { config, nowMs }: GroupContext) {
  const traces = new Set(change.evidence.traces.map(({ id }) => id));
  const candidates = incidents.filter(
    ({ resolvedAtMs }) => resolvedAtMs === null || nowMs - resolvedAtMs < config.reopenWithin,
  );
  const ofService = candidates.findLast(({ alerts }) =>
    alerts.some(({ service }) => service === change.service),
  );
  if (ofService !== undefined) return ofService;
  const open = candidates.filter(({ resolvedAtMs }) => resolvedAtMs === null);
  return (
    open.findLast(({ alerts }) =>
      alerts.some((one) => one.evidence?.traces.some(({ id }) => traces.has(id))),
    ) ?? open.findLast(({ joinedAtMs }) => Math.abs(change.startedAtMs - joinedAtMs) <= config.groupWithin)
  );
}

const openedBy = ({ alertId, startedAtMs }: Change, nowMs: number): Incident => ({
  id: `i-${alertId}`,
  openedAtMs: nowMs,
  joinedAtMs: startedAtMs,
  alerts: [],
  resolvedAtMs: null,
  sequence: 0,
  toldAtMs: nowMs,
  channels: [],
  acknowledgedBy: null,
});

function joinedBy(incident: Incident, change: Change, { nowMs, seriesOf }: GroupContext): Incident {
  const joined = withAlert(incident, change, seriesOf(change));
  const over = !joined.alerts.some(isActive);
  const isNew = !incident.alerts.some(({ service }) => service === change.service);
  return {
    ...joined,
    joinedAtMs: isNew ? Math.max(incident.joinedAtMs, change.startedAtMs) : incident.joinedAtMs,
    resolvedAtMs: over ? nowMs : null,
    // Who took it took what there was.
    acknowledgedBy: incident.resolvedAtMs === null ? incident.acknowledgedBy : null,
  };
}

function newsOf(home: Incident | null, { service, rule, to }: Change): News[] {
  if (home === null) return [];
  const of = { service, rule };
  if (to === 'resolved') return [{ what: 'recovered', ...of }];
  if (to === 'silenced') return [{ what: 'silenced', ...of }];
  if (to === 'flapping') return [{ what: 'flapping', ...of }];
  const known = home.alerts.filter((one) => one.service === service);
  if (known.length === 0) return [{ what: 'joined', ...of }];
  return [{ what: known.some((one) => one.rule === rule) ? 'came back' : 'also', ...of }];
}

function noticeOf(
  before: Incident | null,
  now: Incident,
  news: readonly News[],
  { config, channels: available, nowMs }: GroupContext,
): Notice[] {
  const wanted = channelsFor(now.alerts.filter(isLoud), available, config, nowMs);
  const first = wanted.filter((name) => !now.channels.includes(name));
  const about = { news, first, nowMs };
  if (before === null) return [notice('opened', true, now, about)];
  if (now.resolvedAtMs !== null)
    return before.resolvedAtMs === null ? [notice('resolved', true, now, { ...about, first: [] })] : [];
  if (before.resolvedAtMs !== null) return [notice('reopened', true, now, about)];
  const rose = rank(now) > rank(before);
  const all: readonly News[] = rose ? [...news, { what: 'more severe', ...of(now.alerts.at(-1)!) }] : news;
  const loud = rose || news.some(({ what }) => what === 'joined' || what === 'flapping');
  return [notice('updated', loud, now, { ...about, news: all })];
}

const of = ({ service, rule }: IncidentAlert) => ({ service, rule });
const rank = (incident: Incident): number => SEVERITIES.indexOf(severityOf(incident));

function notice(
  kind: Kind,
  loud: boolean,
  incident: Incident,
  { news, first, nowMs }: { news: readonly News[]; first: readonly ChannelName[]; nowMs: number },
): Notice {
  const sequence = incident.sequence + 1;
  const channels = [...incident.channels, ...first];
  const told = { ...incident, sequence, channels, toldAtMs: loud ? nowMs : incident.toldAtMs };
  return { kind, loud, sequence, atMs: nowMs, incident: told, news, channels, first };
}

/** The board with the incidents as the notices tell them, without those that nothing depends on any more. */
function settled(board: Board, notices: readonly Notice[], config: AlertConfig, nowMs: number): Board {
  const told = new Map(notices.map(({ incident }) => [incident.id, incident]));
  const incidents = board.incidents
    .map((one) => told.get(one.id) ?? one)
    .filter(({ resolvedAtMs }) => resolvedAtMs === null || nowMs - resolvedAtMs < config.reopenWithin);
  const silences = board.silences.filter(({ untilMs }) => untilMs > nowMs);
  const same = incidents.length === board.incidents.length && silences.length === board.silences.length;
  return same && notices.length === 0 && incidents.every((one, i) => one === board.incidents[i])
    ? board
    : trimmed({ incidents, silences });
}

/** Incidents, silences and undelivered messages as lines for a terminal: no control character of a log gets there. */
import { type Board, type Incident, originOfIncident, severityOf } from '../../functions/alert/incident.ts';
import { length, moment, sentence } from '../../functions/alert/message/number.ts';
import { plain } from '../../functions/alert/message/text.ts';
import type { Undelivered } from '../../functions/alert/store.ts';

export function listing(
  { incidents, silences }: Board,
  undelivered: readonly Undelivered[],
  nowMs: number,
): string {
  const open = incidents.filter(({ resolvedAtMs }) => resolvedAtMs === null);
  const over = incidents.filter(({ resolvedAtMs }) => resolvedAtMs !== null);
  return [
    ...(open.length === 0 ? ['no incident is open'] : open.flatMap((one) => incidentLines(one, nowMs))),
    ...(over.length === 0 ? [] : ['', 'over lately', ...over.flatMap((one) => incidentLines(one, nowMs))]),
    ...(silences.length === 0 ? [] : ['', 'silences']),
    ...silences.map(
      ({ id, match, untilMs, author, comment }) =>
        `  ${id}  ${Object.entries(match)
          .map(([label, value]) => `${label}=${plain(value ?? '', 60)}`)
          .join(
            ' ',
          )}  for ${length(untilMs - nowMs)} more, by ${plain(author, 40)}${comment === '' ? '' : `: ${plain(comment, 100)}`}`,
    ),
    ...(undelivered.length === 0 ? [] : ['', 'not delivered']),
    ...undelivered.map(
      ({ id, channel, state, attempts, why }) =>
        `  ${state}  ${channel}  ${attempts} attempts  ${plain(why, 100)}  ${id}`,
    ),
  ].join('\n');
}

function incidentLines(incident: Incident, nowMs: number): string[] {
  const { id, alerts, resolvedAtMs, acknowledgedBy } = incident;
  const [first] = originOfIncident(incident).order;
  const startedAtMs = Math.min(...alerts.map((one) => one.startedAtMs));
  const taken = acknowledgedBy === null ? '' : `, taken by ${plain(acknowledgedBy, 40)}`;
  const lasts =
    resolvedAtMs === null
      ? `for ${length(nowMs - startedAtMs)}`
      : `over after ${length(resolvedAtMs - startedAtMs)}`;
  return [
    `${id}  ${severityOf(incident)}  since ${moment(startedAtMs)}, ${lasts}${taken}`,
    ...alerts.map(
      ({ service, rule, phase, signal, value, usual }) =>
        `  ${service === first ? '→' : ' '} ${plain(service, 60)}  ${rule}  ${phase}  ${sentence(signal, value, usual)}`,
    ),
  ];
}

/** Who is told of an alert: by its labels and the time of day. Pure. */

import type { IncidentAlert } from './incident.ts';
import { type AlertConfig, type ChannelName, routeName, tierOf } from './rules/config.ts';
import { within } from './rules/hours.ts';
import { matches } from './silence.ts';

/** The channels that a set of alerts goes to now, among those that are set up. */
export function channelsFor(
  alerts: readonly IncidentAlert[],
  available: readonly ChannelName[],
  config: AlertConfig,
  nowMs: number,
): ChannelName[] {
  const asked = new Set<ChannelName>(alerts.flatMap((alert) => routesOf(alert, config, nowMs)));
  return available.filter((name) => asked.has(routeName(name)));
}

function routesOf(alert: IncidentAlert, config: AlertConfig, nowMs: number): ChannelName[] {
  if (config.routes.length === 0) return byDefault(alert);
  const labels = { ...alert, tier: tierOf(alert.service, config) };
  const channels: ChannelName[] = [];
  for (const route of config.routes) {
    if (!matches(route.match, labels)) continue;
    if (route.hours !== undefined && !within(route.hours, nowMs)) continue;
    channels.push(...route.channels);
    if (!route.goOn) break;
  }
  return channels;
}

/** Nobody is woken but by a page; infos are for those who look. */
function byDefault({ severity }: IncidentAlert): ChannelName[] {
  if (severity === 'page') return ['slack', 'mail', 'webhook', 'pagerduty', 'jira'];
  return severity === 'ticket' ? ['slack', 'mail', 'webhook', 'jira'] : ['slack', 'webhook'];
}

/** Incidents, open ones first: what, where, since when. */
import type { Incident, Incidents } from '../../schema/alerts.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { Badge, Raw, Time } from '../element/text.tsx';
import type { Resource } from '../resource.ts';
import { alertPath } from '../route.ts';

const MOST = 6;

export function IncidentPanel({ incidents }: { incidents: Resource<Incidents> }) {
  return (
    <Panel title="Incidents" actions={<a href="/alerts">All alerts</a>} class="incident-panel">
      <Shown of={incidents} lines={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No incidents">Nothing is open, and nothing was of late.</Empty>
          ) : (
            <ul class="incident-list" aria-live="polite">
              {openFirst(items)
                .slice(0, MOST)
                .map((incident) => (
                  <IncidentLine key={incident.incident_id} incident={incident} />
                ))}
            </ul>
          )
        }
      </Shown>
    </Panel>
  );
}

export const openFirst = (items: readonly Incident[]): Incident[] =>
  [...items].sort(
    (a, b) =>
      Number(a.resolved_at !== null) - Number(b.resolved_at !== null) ||
      b.opened_at.localeCompare(a.opened_at),
  );

function IncidentLine({ incident }: { incident: Incident }) {
  const { alerts, services, severity, resolved_at, opened_at, acknowledged_by } = incident;
  const first = alerts.find(({ service }) => service === services[0]) ?? alerts[0];
  const shade =
    resolved_at !== null
      ? 'good'
      : severity === 'page'
        ? 'error'
        : severity === 'ticket'
          ? 'warning'
          : 'info';
  const others = services.length - 1;
  return (
    <li class="incident-line">
      <a href={first === undefined ? '/alerts' : alertPath(first.alert_id)}>
        <span class="incident-top">
          <Badge shade={shade}>{resolved_at === null ? severity : 'resolved'}</Badge>
          <b>
            <Raw text={services[0] ?? 'unknown'} />
          </b>
          {others > 0 && <span class="muted">+{others}</span>}
          <span class="muted incident-when">
            <Time at={opened_at} as="ago" />
          </span>
        </span>
        <span class="incident-text">{first === undefined ? '' : <Raw text={first.sentence} />}</span>
        {acknowledged_by !== null && <span class="muted small">taken by {acknowledged_by}</span>}
      </a>
    </li>
  );
}

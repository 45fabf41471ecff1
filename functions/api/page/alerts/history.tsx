/** Alerts of the range, newest first. */
import type { Alert } from '../../schema/alerts.ts';
import { api } from '../api.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { Badge, Raw, ServiceLink, stateShade, Time } from '../element/text.tsx';
import { useResource } from '../resource.ts';
import { alertPath, place } from '../route.ts';
import { spanKey, spanOf, spanQuery } from '../span.ts';
import { durationText } from '../time.ts';

const COLUMNS: readonly Column<Alert>[] = [
  { title: 'started', cell: ({ started_at }) => <Time at={started_at} /> },
  { title: 'state', cell: ({ state }) => <Badge shade={stateShade(state)}>{state}</Badge> },
  { title: 'severity', cell: ({ severity }) => severity },
  { title: 'service', cell: ({ service }) => <ServiceLink name={service} /> },
  { title: 'rule', cell: ({ rule, alert_id }) => <a href={alertPath(alert_id)}>{rule}</a> },
  { title: 'what', wide: true, cell: ({ summary }) => <Raw text={summary} /> },
  {
    title: 'lasted',
    number: true,
    cell: ({ started_at, resolved_at }) =>
      resolved_at === null ? 'goes on' : durationText(Date.parse(resolved_at) - Date.parse(started_at)),
  },
];

export function History() {
  const found = useResource(
    `alerts ${spanKey()}`,
    (signal) =>
      api.alerts({ ...spanQuery(spanOf(place.value.query, Date.now(), '24h')), limit: 500 }, signal),
    { everyMs: 10_000 },
  );
  return (
    <Panel title="Alerts" note="of the range above">
      <Shown of={found} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No alerts in this range">Choose a longer one above.</Empty>
          ) : (
            <Table label="Alerts" columns={COLUMNS} rows={items} keyOf={({ alert_id }) => alert_id} />
          )
        }
      </Shown>
    </Panel>
  );
}

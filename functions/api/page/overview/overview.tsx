/**
 * Overview: is all well, and if not, since when and where? Totals tick with the live tail; charts and services are asked
 * for every five seconds, incidents each second.
 */
import type { LogStats } from '../../schema/logs.ts';
import type { Services } from '../../schema/services.ts';
import { api } from '../api.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Resource, useResource } from '../resource.ts';
import { place } from '../route.ts';
import { ServiceGrid } from '../service/grid.tsx';
import { incidents as latestIncidents } from '../shell/incidents.ts';
import { spanKey, spanOf, spanQuery } from '../span.ts';
import { IncidentPanel } from './incident-panel.tsx';
import { useLiveRate } from './live-rate.ts';
import { PatternPanel } from './pattern-panel.tsx';
import { SeverityPanel } from './severity-panel.tsx';
import { Tiles } from './tiles.tsx';
import { VolumePanel } from './volume-panel.tsx';

const EVERY_MS = 5000;

export function Overview() {
  const span = (): { from: string; to?: string } => spanQuery(spanOf(place.value.query, Date.now()));
  const key = spanKey();
  const stats = useResource(`stats ${key}`, (signal) => api.stats({ ...span(), buckets: 90 }, signal), {
    everyMs: EVERY_MS,
  });
  const services = useResource('services', (signal) => api.services({ limit: 500 }, signal), {
    everyMs: EVERY_MS,
  });
  const anomalies = useResource(
    `anomalies ${key}`,
    (signal) => api.anomalies({ ...span(), verdict: 'ticket', limit: 200 }, signal),
    { everyMs: EVERY_MS },
  );
  const incidents = latestIncidents.value;
  const rate = useLiveRate();
  return (
    <div class="overview">
      <Tiles stats={stats.data} services={services.data} incidents={incidents.data} rate={rate} />
      <div class="split-wide">
        <VolumePanel stats={stats} incidents={incidents.data} anomalies={anomalies.data} />
        <IncidentPanel incidents={incidents} />
      </div>
      <ServicesPanel services={services} />
      <div class="thirds">
        <SeverityPanel stats={stats as Resource<LogStats>} />
        <PatternPanel title="Top patterns" query={{ sort: '-entries', limit: 8 }} />
        <PatternPanel title="New patterns" query={{ new: true, sort: '-first_seen', limit: 8 }} />
      </div>
    </div>
  );
}

function ServicesPanel({ services }: { services: Resource<Services> }) {
  const items = services.data?.items ?? [];
  const ill = items.filter(({ health }) => health !== 'well').length;
  return (
    <Panel
      title="Services"
      note={
        services.data === undefined
          ? ''
          : `${items.length} in the last hour${ill > 0 ? `, ${ill} not well` : ''}, worst first`
      }
      actions={<a href="/services">All services</a>}
      class="services-panel"
    >
      <Shown of={services} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No service wrote in the last hour">
              Ship a log file: <code>npx logweir ship FILE --service NAME</code>
            </Empty>
          ) : (
            <ServiceGrid services={items.slice(0, 60)} />
          )
        }
      </Shown>
    </Panel>
  );
}

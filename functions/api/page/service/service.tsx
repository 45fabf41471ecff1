/** One service: how it is, how it was, what was predicted, what people noted, what it wrote. */
import type { ServiceDetail } from '../../schema/services.ts';
import { api } from '../api.ts';
import { Empty, Failure, Panel, Shown } from '../element/panel.tsx';
import { Badge, healthShade, Raw, Time, verdictShade } from '../element/text.tsx';
import { countText, latencyText, percentText, shortCount } from '../number.ts';
import { Tile } from '../overview/tiles.tsx';
import { ApiError } from '../request.ts';
import { type Resource, useResource } from '../resource.ts';
import { place } from '../route.ts';
import { spanKey, spanOf, spanQuery } from '../span.ts';
import { ServiceCharts } from './charts.tsx';
import { Notes } from './notes.tsx';
import { Predictions } from './predictions.tsx';
import { ServiceLogs } from './service-logs.tsx';
import { WindowsTable } from './windows-table.tsx';

export function ServiceView({ name }: { name: string }) {
  const key = `${name} ${spanKey()}`;
  const range = (): { from: string; to?: string } => spanQuery(spanOf(place.value.query, Date.now()));
  const detail = useResource(`service ${name}`, (signal) => api.service(name, signal), { everyMs: 5000 });
  const windows = useResource(
    `windows ${key}`,
    (signal) => api.windows({ ...range(), service: name, limit: 1000 }, signal),
    {
      everyMs: 5000,
    },
  );
  const predictions = useResource(
    `predictions ${key}`,
    (signal) => api.predictions({ ...range(), service: name, positive: true, limit: 50 }, signal),
    { everyMs: 15_000 },
  );
  const notes = useResource(`notes ${key}`, (signal) => api.notes({ ...range(), service: name }, signal), {
    everyMs: 30_000,
  });
  return (
    <div class="stack">
      <Head detail={detail} name={name} />
      <ServiceCharts
        windows={windows}
        notes={notes.data?.items ?? []}
        predictions={predictions.data?.items ?? []}
      />
      <div class="halves">
        <Predictions predictions={predictions} />
        <Notes service={name} notes={notes} />
      </div>
      <WindowsTable windows={windows} />
      <div class="halves">
        <Patterns detail={detail} />
        <Instances detail={detail} />
      </div>
      <ServiceLogs service={name} />
    </div>
  );
}

function Head({ detail, name }: { detail: Resource<ServiceDetail>; name: string }) {
  const { data, error } = detail;
  if (data === undefined && error !== undefined) {
    return error instanceof ApiError && error.status === 404 ? (
      <Empty title="Nothing of late">
        <Raw text={name} /> wrote nothing in the last hour. Look further back with the range above.
      </Empty>
    ) : (
      <Failure error={error} retry={detail.refresh} />
    );
  }
  return (
    <div class="tiles">
      <Tile
        title="Health"
        value={data === undefined ? '–' : <Badge shade={healthShade(data.health)}>{data.health}</Badge>}
        note={data?.verdict && <Badge shade={verdictShade(data.verdict)}>{`verdict ${data.verdict}`}</Badge>}
      />
      <Tile
        title="Failure within 5 min"
        value={data?.failure_probability == null ? '–' : percentText(data.failure_probability)}
        note={data?.category ?? (data?.failure_probability == null ? 'not predicted' : 'by the models')}
        bad={(data?.failure_probability ?? 0) >= 0.9}
      />
      <Tile
        title="Entries, 5 min"
        value={shortCount(data?.entries_5m)}
        note={data && `${shortCount(data.entries_1h)} in the hour`}
      />
      <Tile
        title="Errors, 5 min"
        value={percentText(data?.error_rate_5m)}
        note={data && `${percentText(data.error_rate_1h)} in the hour`}
        bad={data?.health === 'failing'}
      />
      <Tile
        title="Latency, 5 min"
        value={latencyText(data?.latency_mean_5m_ms)}
        note={
          data &&
          `p99 ${latencyText(data.latency_p99_5m_ms)}, usually ${latencyText(data.latency_mean_1h_ms)}`
        }
      />
      <Tile
        title="Alerts firing"
        value={data?.alerts ?? '–'}
        bad={(data?.alerts ?? 0) > 0}
        href="/alerts"
        note={data?.last_window_end && <Time at={data.last_window_end} as="ago" />}
      />
    </div>
  );
}

const Patterns = ({ detail }: { detail: Resource<ServiceDetail> }) => (
  <Panel title="Patterns" note="the most frequent of the last hour">
    <Shown of={detail}>
      {({ patterns }) =>
        patterns.length === 0 ? (
          <Empty title="No patterns yet" />
        ) : (
          <ul class="patterns two">
            {patterns.slice(0, 10).map(({ pattern_id, template, entries }) => (
              <li key={pattern_id}>
                <a
                  class="mono pattern-text"
                  href={`/explore?pattern=${encodeURIComponent(pattern_id)}`}
                  title={template ?? pattern_id}
                >
                  <Raw text={template ?? pattern_id} />
                </a>
                <span class="muted">{shortCount(entries)}</span>
              </li>
            ))}
          </ul>
        )
      }
    </Shown>
  </Panel>
);

const Instances = ({ detail }: { detail: Resource<ServiceDetail> }) => (
  <Panel title="Instances" note="is one worse than the others?">
    <Shown of={detail}>
      {({ instances }) =>
        instances.length === 0 ? (
          <Empty title="Its entries name no instance" />
        ) : (
          <ul class="bars">
            {instances.slice(0, 12).map(({ instance, entries, errors }) => (
              <li key={instance}>
                <Raw text={instance} />
                <span class="bar-track" aria-hidden="true">
                  <span
                    class="bar-fill fill-error"
                    style={{ width: `${(errors / Math.max(1, entries)) * 100}%` }}
                  />
                </span>
                <span class="bar-count">{countText(entries)}</span>
                <span class="bar-share">{percentText(errors / Math.max(1, entries))}</span>
              </li>
            ))}
          </ul>
        )
      }
    </Shown>
  </Panel>
);

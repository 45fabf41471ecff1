/** Experiments: load runs beside each other. Those chosen stand in the URL. */
import type { Experiment } from '../../schema/experiments.ts';
import { api } from '../api.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { Badge, Raw, Time } from '../element/text.tsx';
import { countText, latencyText, percentText, shortCount } from '../number.ts';
import { useResource } from '../resource.ts';
import { place, setQuery } from '../route.ts';
import { isOfTenant, me } from '../who.ts';
import { Comparison } from './comparison.tsx';

const MOST = 4;

export function ExperimentsView() {
  const chosen = place.value.query.getAll('run').slice(0, MOST);
  const found = useResource('experiments', (signal) => api.experiments(signal), {
    everyMs: 15_000,
    when: me.value !== null && !isOfTenant.value,
  });
  const toggle = (id: string): void =>
    setQuery(
      { run: chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-MOST) },
      { replace: true },
    );
  const columns: readonly Column<Experiment>[] = [
    {
      title: 'compare',
      cell: ({ experiment_id, name }) => (
        <input
          type="checkbox"
          aria-label={`Compare ${name}`}
          checked={chosen.includes(experiment_id)}
          onChange={() => toggle(experiment_id)}
        />
      ),
    },
    { title: 'run', wide: true, cell: ({ name }) => <Raw text={name} /> },
    { title: 'started', cell: ({ started_at }) => <Time at={started_at} /> },
    { title: 'producers', number: true, cell: ({ producers }) => countText(producers) },
    { title: 'consumers', number: true, cell: ({ consumers }) => countText(consumers) },
    {
      title: 'offered',
      number: true,
      cell: ({ offered_lines_per_s }) => `${shortCount(offered_lines_per_s)}/s`,
    },
    {
      title: 'throughput',
      number: true,
      cell: ({ throughput_lines_per_s: rate }) => (rate === null ? '–' : `${shortCount(rate)}/s`),
    },
    { title: 'p50', number: true, cell: ({ latency_p50_ms }) => latencyText(latency_p50_ms) },
    { title: 'p99', number: true, cell: ({ latency_p99_ms }) => latencyText(latency_p99_ms) },
    { title: 'delivered', number: true, cell: ({ delivery_success }) => percentText(delivery_success) },
    {
      title: 'waiting',
      number: true,
      cell: ({ most_waiting_messages }) => shortCount(most_waiting_messages),
    },
    {
      title: 'saturated',
      cell: ({ saturated }) =>
        saturated === null ? (
          '–'
        ) : saturated ? (
          <Badge shade="error">saturated</Badge>
        ) : (
          <Badge shade="good">kept up</Badge>
        ),
    },
  ];
  if (isOfTenant.value) return <Empty title="Not shown here">Experiments are of the whole system.</Empty>;
  return (
    <div class="stack">
      <Panel title="Runs" note="choose up to four to compare">
        <Shown of={found} lines={8}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="No experiments yet">
                <code>npx logweir experiment</code> makes one.
              </Empty>
            ) : (
              <Table
                label="Experiments"
                columns={columns}
                rows={items}
                keyOf={({ experiment_id }) => experiment_id}
                marked={({ experiment_id }) => chosen.includes(experiment_id)}
              />
            )
          }
        </Shown>
      </Panel>
      {found.data !== undefined && chosen.length > 0 && (
        <Comparison
          experiments={found.data.items.filter(({ experiment_id }) => chosen.includes(experiment_id))}
        />
      )}
    </div>
  );
}

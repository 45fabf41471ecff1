/** Drift by feature: does the model still see what it was trained on? */
import type { Drift, DriftTest } from '../../schema/models.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { Badge, Gauge, Time } from '../element/text.tsx';
import { figureText } from '../number.ts';
import type { Resource } from '../resource.ts';

const COLUMNS: readonly Column<DriftTest>[] = [
  { title: 'feature', cell: ({ feature }) => <code>{feature}</code> },
  { title: 'model', cell: ({ model }) => model },
  {
    title: 'KS statistic',
    wide: true,
    cell: ({ statistic, drifted }) => (
      <Gauge share={statistic} text={statistic.toFixed(3)} shade={drifted ? 'error' : 'good'} />
    ),
  },
  { title: 'p', number: true, cell: ({ p_value }) => figureText(p_value) },
  {
    title: 'says',
    cell: ({ drifted }) =>
      drifted ? <Badge shade="error">drifted</Badge> : <Badge shade="good">as trained</Badge>,
  },
];

export const DriftPanel = ({ drift }: { drift: Resource<Drift> }) => {
  const items = drift.data?.items ?? [];
  const drifted = items.filter(({ drifted }) => drifted).length;
  return (
    <Panel
      title="Drift"
      note={
        items[0] === undefined ? undefined : (
          <>
            {drifted} of {items.length} features, tested <Time at={items[0].reported_at} as="ago" />
          </>
        )
      }
    >
      <Shown of={drift} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Not tested yet">Drift is tested on schedule, once there are enough windows.</Empty>
          ) : (
            <Table
              label="Drift by feature"
              columns={COLUMNS}
              rows={[...items].sort(
                (a, b) => Number(b.drifted) - Number(a.drifted) || b.statistic - a.statistic,
              )}
              keyOf={({ model, feature }) => `${model} ${feature}`}
            />
          )
        }
      </Shown>
    </Panel>
  );
};

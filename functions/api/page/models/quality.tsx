/** How often the verdicts were right, as far as people said so: normal, caught, false positives, missed. */
import type { Quality } from '../../schema/models.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { ServiceLink } from '../element/text.tsx';
import { countText, percentText, shortCount } from '../number.ts';
import { Tile } from '../overview/tiles.tsx';
import type { Resource } from '../resource.ts';

type Day = Quality['items'][number];

const COLUMNS: readonly Column<Day>[] = [
  { title: 'day', cell: ({ day }) => day },
  { title: 'service', wide: true, cell: ({ service }) => <ServiceLink name={service} /> },
  { title: 'windows', number: true, cell: ({ windows }) => countText(windows) },
  { title: 'normal', number: true, cell: ({ normal }) => countText(normal) },
  { title: 'caught', number: true, cell: ({ caught }) => countText(caught) },
  { title: 'false positives', number: true, cell: ({ false_positives }) => countText(false_positives) },
  { title: 'missed', number: true, cell: ({ missed }) => countText(missed) },
  { title: 'nobody said', number: true, cell: ({ unjudged_positives }) => countText(unjudged_positives) },
];
const MOST = 30;

export function QualityPanel({ quality }: { quality: Resource<Quality> }) {
  const totals = quality.data?.totals;
  const precision = totals && share(totals.caught, totals.false_positives);
  const recall = totals && share(totals.caught, totals.missed);
  return (
    <>
      <div class="tiles">
        <Tile title="Windows judged" value={shortCount(totals?.windows)} note="in 30 days" />
        <Tile
          title="Normal"
          value={shortCount(totals?.normal)}
          note={totals && percentText(totals.normal / Math.max(1, totals.windows))}
        />
        <Tile
          title="Caught"
          value={shortCount(totals?.caught)}
          note={recall === null ? 'nobody said' : `${percentText(recall)} of known trouble`}
        />
        <Tile
          title="False positives"
          value={shortCount(totals?.false_positives)}
          note={precision === null ? 'nobody said' : `${percentText(precision)} of verdicts were right`}
        />
        <Tile
          title="Missed"
          value={shortCount(totals?.missed)}
          note="people said so"
          bad={(totals?.missed ?? 0) > 0}
        />
        <Tile
          title="Nobody said"
          value={shortCount(totals?.unjudged_positives)}
          note="verdicts without feedback"
        />
      </div>
      <Panel
        title="Quality by day and service"
        note="prevalence stands in the columns: compare caught with windows"
      >
        <Shown of={quality} lines={6}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="Nothing judged yet">The first verdicts come with the first windows.</Empty>
            ) : (
              <Table
                label="Quality by day and service"
                columns={COLUMNS}
                rows={items.slice(0, MOST)}
                keyOf={({ day, service }) => `${day} ${service}`}
              />
            )
          }
        </Shown>
      </Panel>
    </>
  );
}

const share = (right: number, wrong: number): number | null =>
  right + wrong === 0 ? null : right / (right + wrong);

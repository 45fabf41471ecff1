/** Verdicts of which nobody has said whether they were right: each word is a label of the next training. */
import type { FeedbackQueue } from '../../schema/models.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { Badge, Raw, ServiceLink, Time } from '../element/text.tsx';
import { countText, percentText } from '../number.ts';
import type { Resource } from '../resource.ts';
import { servicePath } from '../route.ts';
import { Feedback } from '../service/feedback.tsx';

type Item = FeedbackQueue['items'][number];

const around = (start: string): string => {
  const iso = (ms: number): string => encodeURIComponent(new Date(Date.parse(start) + ms).toISOString());
  return `from=${iso(-600_000)}&to=${iso(600_000)}`;
};

export function QueuePanel({ queue }: { queue: Resource<FeedbackQueue> }) {
  const columns: readonly Column<Item>[] = [
    {
      title: 'window',
      cell: ({ service, window_start }) => (
        <a href={`${servicePath(service)}?${around(window_start)}`}>
          <Time at={window_start} />
        </a>
      ),
    },
    { title: 'service', cell: ({ service }) => <ServiceLink name={service} /> },
    { title: 'score', number: true, cell: ({ score }) => percentText(score) },
    {
      title: 'category',
      cell: ({ category }) => (category === null ? '–' : <Badge shade="info">{category}</Badge>),
    },
    { title: 'why', wide: true, cell: ({ summary }) => <Raw text={summary} /> },
    {
      title: 'was it trouble?',
      cell: ({ service, window_start }) => (
        <Feedback about={{ service, window_start }} kinds={['useful', 'noise']} onDone={queue.refresh} />
      ),
    },
  ];
  return (
    <Panel
      title="Feedback queue"
      note={queue.data && `${countText(queue.data.items.length)} verdicts await a word`}
    >
      <Shown of={queue} lines={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing awaits a word">Somebody said of every verdict whether it was right.</Empty>
          ) : (
            <Table
              label="Feedback queue"
              columns={columns}
              rows={items.slice(0, 50)}
              keyOf={({ service, window_start }) => `${service} ${window_start}`}
            />
          )
        }
      </Shown>
    </Panel>
  );
}

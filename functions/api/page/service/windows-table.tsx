/** The windows of a service, newest first: which were revised by late entries, what the verdict was, and what one says of it. */
import { useState } from 'preact/hooks';
import type { ServiceWindow, WindowsPage } from '../../schema/windows.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { Badge, Time, verdictShade } from '../element/text.tsx';
import { countText, latencyText, percentText } from '../number.ts';
import type { Resource } from '../resource.ts';
import { Feedback } from './feedback.tsx';

const FIRST = 20;

const COLUMNS: readonly Column<ServiceWindow>[] = [
  { title: 'window', cell: ({ window_start }) => <Time at={window_start} /> },
  {
    title: 'revision',
    cell: ({ revision, emitted_at, incomplete }) => (
      <>
        {revision > 1 ? (
          <Badge shade="info" title="It fired again with late entries.">{`${revision}, revised`}</Badge>
        ) : (
          <span class="muted">1</span>
        )}{' '}
        {incomplete && <Badge shade="warning">incomplete</Badge>}
        <span class="only-read">
          made <Time at={emitted_at} />
        </span>
      </>
    ),
  },
  { title: 'entries', number: true, cell: ({ entries }) => countText(entries) },
  {
    title: 'errors',
    number: true,
    cell: ({ errors, error_rate }) => `${countText(errors)} (${percentText(error_rate)})`,
  },
  { title: 'p50', number: true, cell: ({ latency_p50_ms }) => latencyText(latency_p50_ms) },
  { title: 'p95', number: true, cell: ({ latency_p95_ms }) => latencyText(latency_p95_ms) },
  { title: 'p99', number: true, cell: ({ latency_p99_ms }) => latencyText(latency_p99_ms) },
  { title: 'failure', number: true, cell: ({ failure_probability }) => percentText(failure_probability) },
  {
    title: 'verdict',
    cell: ({ verdict, category, decided_by }) => (
      <span class="row">
        {verdict === null ? (
          <span class="muted">not judged</span>
        ) : (
          <Badge shade={verdictShade(verdict)}>{verdict}</Badge>
        )}
        {category !== null && <span class="muted">{category}</span>}
        {decided_by === 'fallback' && <span class="muted">fallback</span>}
      </span>
    ),
  },
  {
    title: 'was it right?',
    cell: ({ service, window_start, verdict }) => (
      <Feedback
        about={{ service, window_start }}
        kinds={verdict === null || verdict === 'ok' ? ['missed'] : ['useful', 'noise']}
      />
    ),
  },
];

export function WindowsTable({ windows }: { windows: Resource<WindowsPage> }) {
  const [only, setOnly] = useState<'all' | 'revised' | 'judged'>('all');
  const [most, setMost] = useState(FIRST);
  const fits = ({ revision, verdict }: ServiceWindow): boolean =>
    only === 'all' || (only === 'revised' ? revision > 1 : verdict !== null && verdict !== 'ok');
  return (
    <Panel
      title="Windows"
      actions={(['all', 'revised', 'judged'] as const).map((one) => (
        <button
          type="button"
          key={one}
          class="button tiny"
          aria-pressed={only === one}
          onClick={() => setOnly(one)}
        >
          {one === 'judged' ? 'with a verdict' : one}
        </button>
      ))}
    >
      <Shown of={windows} lines={8}>
        {({ items }) => {
          const shown = items.filter(fits);
          if (shown.length === 0)
            return (
              <Empty title={only === 'revised' ? 'No window was revised' : 'No such window in this range'} />
            );
          return (
            <>
              <Table
                label="Windows"
                columns={COLUMNS}
                rows={shown.slice(0, most)}
                keyOf={({ window_start }) => window_start}
              />
              {shown.length > most && (
                <button type="button" class="button quiet" onClick={() => setMost(most + 100)}>
                  Show more of {countText(shown.length)}
                </button>
              )}
            </>
          );
        }}
      </Shown>
    </Panel>
  );
}

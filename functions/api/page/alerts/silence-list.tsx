/** Silences that hold, and how to end them. */
import type { Silence } from '../../schema/alerts.ts';
import { api } from '../api.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { Raw, Time } from '../element/text.tsx';
import { attempt } from '../element/toast.tsx';
import { useResource } from '../resource.ts';
import { refusal } from '../who.ts';

export function SilenceList() {
  const found = useResource('silences', (signal) => api.silences(signal), { everyMs: 10_000 });
  const refused = refusal('operate');
  const columns: readonly Column<Silence>[] = [
    {
      title: 'which alerts',
      wide: true,
      cell: ({ match }) =>
        Object.entries(match).map(([name, value]) => (
          <span key={name} class="mono">
            {name}=<Raw text={value} />{' '}
          </span>
        )),
    },
    { title: 'from', cell: ({ from }) => <Time at={from} /> },
    { title: 'until', cell: ({ until }) => <Time at={until} /> },
    { title: 'by', cell: ({ author }) => <Raw text={author} /> },
    { title: 'why', cell: ({ comment }) => <Raw text={comment} /> },
    {
      title: 'end it',
      cell: ({ silence_id }) => (
        <button
          type="button"
          class="button tiny"
          disabled={refused !== null}
          title={refused ?? undefined}
          onClick={async () =>
            (await attempt('The silence is ended.', () => api.unsilence(silence_id))) && found.refresh()
          }
        >
          End
        </button>
      ),
    },
  ];
  return (
    <Panel title="Silences">
      <Shown of={found}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing is silenced">All alerts are told.</Empty>
          ) : (
            <Table label="Silences" columns={columns} rows={items} keyOf={({ silence_id }) => silence_id} />
          )
        }
      </Shown>
    </Panel>
  );
}

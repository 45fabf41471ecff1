/** What could not be read: why, the bytes themselves, and another try. */
import { useState } from 'preact/hooks';
import type { DeadLetter } from '../../schema/pipeline.ts';
import { api } from '../api.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { type Column, Table } from '../element/table.tsx';
import { Raw, Time } from '../element/text.tsx';
import { bytesText, countText } from '../number.ts';
import { useResource } from '../resource.ts';
import { refusal } from '../who.ts';
import { DeadLetterDialog } from './dead-letter-dialog.tsx';

export function DeadLetters() {
  const [open, setOpen] = useState<DeadLetter | null>(null);
  const [reason, setReason] = useState<string | null>(null);
  const refused = refusal('operate');
  const found = useResource(
    `dead letters ${reason}`,
    (signal) => api.deadLetters({ limit: 200, ...(reason === null ? {} : { reason }) }, signal),
    { everyMs: 15_000, when: refused === null },
  );
  const columns: readonly Column<DeadLetter>[] = [
    { title: 'received', cell: ({ received_at }) => <Time at={received_at} /> },
    { title: 'stage', cell: ({ stage }) => stage },
    { title: 'reason', cell: ({ reason }) => <code>{reason}</code> },
    { title: 'why', wide: true, cell: ({ detail }) => <Raw text={detail} /> },
    { title: 'bytes', number: true, cell: ({ bytes }) => bytesText(bytes) },
    {
      title: 'look',
      cell: (letter) => (
        <button type="button" class="button tiny" onClick={() => setOpen(letter)}>
          Bytes
        </button>
      ),
    },
  ];
  if (refused !== null) {
    return (
      <Panel title="Dead letters">
        <Empty title="Not shown here">Raw bytes may hold anything. {refused}</Empty>
      </Panel>
    );
  }
  return (
    <Panel title="Dead letters" note="the last seven days, newest first">
      <Shown of={found} lines={5}>
        {({ items, counts }) => (
          <>
            <div class="row reasons">
              {counts.map((one) => (
                <button
                  type="button"
                  key={`${one.stage} ${one.reason}`}
                  class="button tiny"
                  aria-pressed={reason === one.reason}
                  onClick={() => setReason(reason === one.reason ? null : one.reason)}
                >
                  {one.stage}: {one.reason} <b>{countText(one.count)}</b>
                </button>
              ))}
            </div>
            {items.length === 0 ? (
              <Empty title="All could be read">No dead letters in the last seven days.</Empty>
            ) : (
              <Table
                label="Dead letters"
                columns={columns}
                rows={items}
                keyOf={({ insert_id }) => insert_id}
              />
            )}
          </>
        )}
      </Shown>
      {open !== null && <DeadLetterDialog letter={open} onClose={() => setOpen(null)} />}
    </Panel>
  );
}

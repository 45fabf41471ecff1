/** Deployments and notes of a service: what people did, beside what happened. */
import { useState } from 'preact/hooks';
import type { Note } from '../../schema/services.ts';
import { api } from '../api.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { Badge, Raw, Time } from '../element/text.tsx';
import { attempt } from '../element/toast.tsx';
import type { Resource } from '../resource.ts';
import { refusal } from '../who.ts';

export function Notes({ service, notes }: { service: string; notes: Resource<{ items: Note[] }> }) {
  return (
    <Panel title="Deployments and notes">
      <NoteForm service={service} onDone={notes.refresh} />
      <Shown of={notes} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing noted in this range">
              A deployment noted here shows as a line in the charts.
            </Empty>
          ) : (
            <ul class="told">
              {items.map(({ note_id, at, kind, text, by }) => (
                <li key={note_id} class="row">
                  <Time at={at} />
                  <Badge shade={kind === 'deployment' ? 'info' : 'quiet'}>{kind}</Badge>
                  <Raw text={text} />
                  <span class="muted small">{by}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Panel>
  );
}

function NoteForm({ service, onDone }: { service: string; onDone: () => void }) {
  const [kind, setKind] = useState<Note['kind']>('deployment');
  const [text, setText] = useState('');
  const refused = refusal('operate');
  if (refused !== null) return <p class="muted small">Noting something needs the role operator.</p>;
  return (
    <form
      class="inline-form"
      onSubmit={async (event) => {
        event.preventDefault();
        if (text.trim() === '') return;
        if (await attempt('Noted.', () => api.addNote({ service, kind, text: text.trim() }))) {
          setText('');
          onDone();
        }
      }}
    >
      <select
        aria-label="Kind"
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as Note['kind'])}
      >
        <option value="deployment">deployment</option>
        <option value="note">note</option>
      </select>
      <input
        aria-label="Text"
        placeholder="v2.14.0, or what you saw"
        maxLength={500}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="button" disabled={text.trim() === ''}>
        Add
      </button>
    </form>
  );
}

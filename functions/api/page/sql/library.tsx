/** What one can ask and of what: saved queries, tables and views with their columns. */
import { useState } from 'preact/hooks';
import type { SavedQueries, SavedQuery, SqlSchema } from '../../schema/sql.ts';
import { Shown } from '../element/panel.tsx';
import type { Resource } from '../resource.ts';

export interface LibraryProps {
  readonly saved: Resource<SavedQueries>;
  readonly schema: Resource<SqlSchema>;
  readonly chosen: string | null;
  readonly onOpen: (query: SavedQuery) => void;
  readonly onInsert: (text: string) => void;
}

export function Library({ saved, schema, chosen, onOpen, onInsert }: LibraryProps) {
  const [tab, setTab] = useState<'queries' | 'tables'>('queries');
  const [filter, setFilter] = useState('');
  const fits = (...texts: string[]): boolean =>
    texts.some((text) => text.toLowerCase().includes(filter.toLowerCase()));
  return (
    <aside class="panel library" aria-label="Library">
      <div class="tabs">
        {(['queries', 'tables'] as const).map((name) => (
          <button
            type="button"
            key={name}
            class="tab"
            aria-pressed={tab === name}
            onClick={() => setTab(name)}
          >
            {name === 'queries' ? 'Saved queries' : 'Tables'}
          </button>
        ))}
      </div>
      <input
        type="search"
        placeholder="Filter"
        aria-label="Filter the library"
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
      />
      <div
        class="library-list"
        tabIndex={0}
        role="region"
        aria-label={tab === 'queries' ? 'Saved queries' : 'Tables'}
      >
        {tab === 'queries' ? (
          <Shown of={saved} lines={8}>
            {({ items }) => (
              <ul>
                {items
                  .filter(({ name, title }) => fits(name, title))
                  .map((query) => (
                    <li key={query.name}>
                      <button
                        type="button"
                        class="library-item"
                        aria-pressed={chosen === query.name}
                        onClick={() => onOpen(query)}
                      >
                        <b>{query.name}</b>
                        <span class="muted small">{query.title}</span>
                      </button>
                    </li>
                  ))}
              </ul>
            )}
          </Shown>
        ) : (
          <Shown of={schema} lines={8}>
            {({ items }) => (
              <ul>
                {items
                  .filter(({ name, description }) => fits(name, description))
                  .map((table) => (
                    <TableItem key={table.name} table={table} onInsert={onInsert} />
                  ))}
              </ul>
            )}
          </Shown>
        )}
      </div>
    </aside>
  );
}

function TableItem({
  table,
  onInsert,
}: {
  table: SqlSchema['items'][number];
  onInsert: (text: string) => void;
}) {
  const { name, kind, description, columns } = table;
  return (
    <li>
      <details>
        <summary title={description}>
          <b>{name}</b> <span class="muted small">{kind}</span>
        </summary>
        <p class="muted small">{description}</p>
        <ul class="columns">
          {columns.map((column) => (
            <li key={column.name}>
              <button
                type="button"
                class="column"
                title={column.description}
                onClick={() => onInsert(column.name)}
              >
                <span class="mono">{column.name}</span> <span class="muted small">{column.type}</span>
              </button>
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

/** The entries found, as far as somebody scrolls. */
import { useEffect, useState } from 'preact/hooks';
import type { LogEntry, LogsQuery } from '../../schema/logs.ts';
import { Icon } from '../element/icon.tsx';
import { Empty, Failure, Waiting } from '../element/panel.tsx';
import { VirtualList } from '../element/virtual-list.tsx';
import { useKeys } from '../keyboard.ts';
import { countText } from '../number.ts';
import { setLast } from '../span.ts';
import { EntryRow, ROW_HEIGHT } from './entry-row.tsx';
import { usePages } from './pages.ts';

export interface FoundListProps {
  readonly searchKey: string;
  readonly query: () => LogsQuery;
  readonly words: readonly string[];
  readonly total: number | undefined;
  readonly onOpen: (entry: LogEntry) => void;
  readonly openId: string | undefined;
}

export function FoundList({ searchKey, query, words, total, onOpen, openId }: FoundListProps) {
  const pages = usePages(searchKey, query, true);
  const { entries } = pages;
  const [active, setActive] = useState(-1);
  useEffect(() => setActive(-1), [searchKey]);
  const step = (by: number): void => {
    const to = Math.max(0, Math.min(entries.length - 1, active + by));
    setActive(to);
    if (openId !== undefined && entries[to] !== undefined) onOpen(entries[to]);
  };
  useKeys([
    { keys: 'j', text: 'Next entry', run: () => step(1) },
    { keys: 'k', text: 'Entry before', run: () => step(-1) },
    {
      keys: 'Enter',
      text: 'Open the entry',
      run: () => entries[active] !== undefined && onOpen(entries[active]),
    },
    { keys: 'r', text: 'Ask again', run: pages.refresh },
  ]);
  return (
    <section class="list" aria-label="Entries found" aria-busy={pages.loading}>
      <div class="list-head">
        <span class="muted">
          {pages.loading
            ? 'Searching…'
            : `${countText(entries.length)}${total !== undefined && total > entries.length ? ` of ${countText(total)}` : ''} shown${pages.loadingMore ? ', more are coming' : ''}`}
        </span>
        <button type="button" class="button quiet tiny" onClick={pages.refresh}>
          Ask again
        </button>
      </div>
      {pages.error !== undefined && entries.length === 0 ? (
        <Failure error={pages.error} retry={pages.refresh} />
      ) : entries.length === 0 && pages.loading ? (
        <Waiting lines={12} />
      ) : entries.length === 0 ? (
        <Empty title="Nothing found">
          No entry of this time fits all of it. Take a filter off, or look further back:{' '}
          <button type="button" class="button tiny" onClick={() => setLast('24h')}>
            <Icon name="clock" />
            last 24 hours
          </button>
        </Empty>
      ) : (
        <VirtualList
          label="Entries"
          class={pages.loading ? 'entries is-stale' : 'entries'}
          count={entries.length}
          rowHeight={ROW_HEIGHT}
          keyOf={(index) => entries[index]!.insert_id}
          row={(index) => <EntryRow entry={entries[index]!} words={words} />}
          active={active}
          onActive={setActive}
          onOpen={(index) => entries[index] !== undefined && onOpen(entries[index])}
          onEnd={pages.next}
          openIndex={
            openId === undefined ? undefined : entries.findIndex(({ insert_id }) => insert_id === openId)
          }
        />
      )}
    </section>
  );
}

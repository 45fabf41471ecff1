/**
 * Explore: find entries, narrow them, open one with what is around it, or watch them come. The URL holds the whole state,
 * so a link is the search.
 */
import { useMemo, useState } from 'preact/hooks';
import type { LogEntry, LogStats } from '../../schema/logs.ts';
import { api } from '../api.ts';
import { useKeys } from '../keyboard.ts';
import { countText, percentText } from '../number.ts';
import { Volume } from '../overview/volume-panel.tsx';
import { type Resource, useResource } from '../resource.ts';
import { place, setQuery } from '../route.ts';
import { spanKey, spanOf, spanQuery } from '../span.ts';
import { EntryDetail } from './entry-detail.tsx';
import { Facets } from './facets.tsx';
import { FoundList } from './found-list.tsx';
import { wordsOf } from './highlight.ts';
import { LiveList } from './live-list.tsx';
import { PatternGroups } from './pattern-groups.tsx';
import { filtersOf, openEntryOf, sortOf, toggled } from './search.ts';
import { SearchBar, setLive } from './search-bar.tsx';

export function Explore() {
  const { query } = place.value;
  const filters = useMemo(() => filtersOf(query), [query]);
  const filterKey = JSON.stringify(filters);
  const [live, grouped] = [query.get('live') === '1', query.get('group') === 'pattern'];
  const words = useMemo(() => wordsOf(filters.q), [filters.q]);
  const key = `${filterKey} ${spanKey()} ${sortOf(query)}`;
  const range = (): { from: string; to?: string } => spanQuery(spanOf(place.value.query, Date.now()));
  const stats = useResource(
    `stats ${filterKey} ${spanKey()}`,
    (signal) => api.stats({ ...filters, ...range(), buckets: 120 }, signal),
    { everyMs: live ? 5000 : undefined },
  );
  const [known, setKnown] = useState<LogEntry | undefined>();
  const open = openEntryOf(query);
  const show = (entry: LogEntry): void => {
    setKnown(entry);
    setQuery({ entry: entry.insert_id, at: entry.timestamp }, { replace: open !== null });
  };
  const close = (): void => setQuery({ entry: null, at: null }, { replace: true });
  useKeys([
    { keys: '/', text: 'Search', run: () => document.getElementById('search')?.focus() },
    { keys: 'l', text: 'Live on or off', run: () => setLive(!live) },
    { keys: 'Escape', text: 'Close the entry', run: () => open !== null && close() },
  ]);
  return (
    <div class={open === null ? 'explore' : 'explore with-detail'}>
      <SearchBar filters={filters} live={live} grouped={grouped} />
      <Histogram stats={stats} />
      <div class="explore-body">
        <Facets stats={stats.data} />
        {live ? (
          <LiveList filterKey={filterKey} filters={filters} words={words} onOpen={show} openId={open?.id} />
        ) : grouped ? (
          <PatternGroups stats={stats} />
        ) : (
          <FoundList
            searchKey={key}
            query={() => ({ ...filters, ...range(), sort: sortOf(place.value.query) })}
            words={words}
            total={stats.data?.total}
            onOpen={show}
            openId={open?.id}
          />
        )}
        {open !== null && (
          <EntryDetail
            key={open.id}
            id={open.id}
            at={open.at}
            known={known?.insert_id === open.id ? known : undefined}
            onClose={close}
            onFilter={(name, value) =>
              setQuery({
                [name]:
                  name === 'trace'
                    ? value
                    : [...new Set([...toggled(new URLSearchParams(), name, value), ...query.getAll(name)])],
              })
            }
            onOpen={show}
          />
        )}
      </div>
    </div>
  );
}

function Histogram({ stats }: { stats: Resource<LogStats> }) {
  const { data, error } = stats;
  return (
    <section class="explore-histogram" aria-label="Entries over time">
      <p class="found-line">
        {data === undefined ? (
          <span class="muted">{error === undefined ? 'Counting…' : error.message}</span>
        ) : (
          <>
            <b>{countText(data.total)}</b> entries, <b>{countText(data.errors)}</b> errors (
            {percentText(data.error_rate)}), <b>{countText(data.anomalies)}</b> anomalous
          </>
        )}
      </p>
      <div class="histogram-box">
        {data !== undefined && <Volume stats={data} marks={NONE} height={110} />}
      </div>
    </section>
  );
}

const NONE: readonly never[] = [];

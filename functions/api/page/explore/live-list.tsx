/** Entries as they come, newest first. Stands still while the pointer is on it, it is scrolled, or somebody says so. */
import { useState } from 'preact/hooks';
import type { LogEntry } from '../../schema/logs.ts';
import { Icon } from '../element/icon.tsx';
import { Empty } from '../element/panel.tsx';
import { Badge } from '../element/text.tsx';
import { VirtualList } from '../element/virtual-list.tsx';
import { useKeys } from '../keyboard.ts';
import type { TailState } from '../live.ts';
import { countText, shortCount } from '../number.ts';
import { EntryRow, GapRow, ROW_HEIGHT } from './entry-row.tsx';
import { useLiveRows } from './live-rows.ts';
import type { Filters } from './search.ts';

export interface LiveListProps {
  readonly filterKey: string;
  readonly filters: Filters;
  readonly words: readonly string[];
  readonly onOpen: (entry: LogEntry) => void;
  readonly openId: string | undefined;
}

export function LiveList({ filterKey, filters, words, onOpen, openId }: LiveListProps) {
  const [held, setHeld] = useState(false);
  const [hovered, setHovered] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const [active, setActive] = useState(-1);
  const paused = held || hovered || scrolled;
  const live = useLiveRows(filterKey, filters, true, paused);
  const { rows } = live;
  const open = (index: number): void => {
    const row = rows[index];
    if (row?.kind === 'entry') onOpen(row.entry);
  };
  const step = (by: number): void => {
    setHeld(true);
    setActive(Math.max(0, Math.min(rows.length - 1, active + by)));
  };
  useKeys([
    { keys: ' ', text: 'Stop or go on', run: () => setHeld(!held) },
    { keys: 'j', text: 'Next entry', run: () => step(1) },
    { keys: 'k', text: 'Entry before', run: () => step(-1) },
    { keys: 'Enter', text: 'Open the entry', run: () => open(active) },
  ]);
  return (
    <section class="list" aria-label="Live entries">
      <div class="list-head">
        <Connection state={live.state} />
        <span class="muted">
          {shortCount(live.perSecond)}/s, {countText(live.matched)} came
          {live.sampledOut > 0 && (
            <>
              ; <b class="sampled">a sample is shown, {countText(live.sampledOut)} left out</b>
            </>
          )}
        </span>
        {paused && <Badge shade="warning">stands still, {countText(live.waiting)} wait</Badge>}
        <span class="list-tools">
          <button type="button" class="button tiny" aria-pressed={held} onClick={() => setHeld(!held)}>
            <Icon name={held ? 'play' : 'pause'} />
            {held ? 'Go on' : 'Stop'}
          </button>
          <button type="button" class="button quiet tiny" onClick={live.clear}>
            Clear
          </button>
        </span>
      </div>
      {rows.length === 0 ? (
        <Empty title={live.state.phase === 'broken' ? 'No connection' : 'Waiting for entries'}>
          {live.state.phase === 'broken'
            ? live.state.error.message
            : 'They appear here within a second of being read.'}
        </Empty>
      ) : (
        <div class="entries" onPointerEnter={() => setHovered(true)} onPointerLeave={() => setHovered(false)}>
          <VirtualList
            label="Live entries"
            class="entries"
            count={rows.length}
            rowHeight={ROW_HEIGHT}
            keyOf={(index) => keyOf(rows[index]!, index)}
            row={(index) => {
              const row = rows[index]!;
              return row.kind === 'entry' ? (
                <EntryRow entry={row.entry} words={words} />
              ) : (
                <GapRow gap={row} />
              );
            }}
            active={active}
            onActive={setActive}
            onOpen={open}
            onScrolled={(top) => setScrolled(top > ROW_HEIGHT)}
            openIndex={
              openId === undefined
                ? undefined
                : rows.findIndex((row) => row.kind === 'entry' && row.entry.insert_id === openId)
            }
          />
        </div>
      )}
    </section>
  );
}

const keyOf = (row: ReturnType<typeof useLiveRows>['rows'][number], index: number): string =>
  row.kind === 'entry' ? row.entry.insert_id : `gap ${row.fromMs} ${index}`;

export function Connection({ state }: { state: TailState }) {
  if (state.phase === 'live') return <Badge shade="good">live</Badge>;
  if (state.phase === 'connecting') return <Badge shade="quiet">connecting</Badge>;
  return (
    <Badge shade="error" title={state.error.message}>
      {state.retryAtMs === null ? 'refused' : 'connection lost, trying again'}
    </Badge>
  );
}

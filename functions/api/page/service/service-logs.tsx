/** The latest entries of a service, with the way to Explore for more. */
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Empty, Panel, Shown } from '../element/panel.tsx';
import { VirtualList } from '../element/virtual-list.tsx';
import { EntryRow, ROW_HEIGHT } from '../explore/entry-row.tsx';
import { useResource } from '../resource.ts';
import { go, patched, place } from '../route.ts';
import { spanKey, spanOf, spanQuery } from '../span.ts';

export function ServiceLogs({ service }: { service: string }) {
  const [errorsOnly, setErrorsOnly] = useState(false);
  const [active, setActive] = useState(-1);
  const found = useResource(
    `logs ${service} ${spanKey()} ${errorsOnly}`,
    (signal) =>
      api.logs(
        {
          ...spanQuery(spanOf(place.value.query, Date.now())),
          service: [service],
          limit: 200,
          ...(errorsOnly ? { min_severity: 'ERROR' as const } : {}),
        },
        signal,
      ),
    { everyMs: 10_000 },
  );
  const explore = (patch: Record<string, string>): string =>
    `/explore?${patched(place.value.query, { service, ...patch })}`;
  return (
    <Panel
      title="Logs"
      note="the latest 200"
      actions={
        <>
          <button
            type="button"
            class="button tiny"
            aria-pressed={errorsOnly}
            onClick={() => setErrorsOnly(!errorsOnly)}
          >
            errors only
          </button>
          <a class="button tiny" href={explore({})}>
            Explore
          </a>
          <a class="button tiny" href={explore({ live: '1' })}>
            Live
          </a>
        </>
      }
    >
      <Shown of={found} lines={10}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No entries in this range" />
          ) : (
            <VirtualList
              label="Latest entries"
              class="service-logs"
              count={items.length}
              rowHeight={ROW_HEIGHT}
              keyOf={(index) => items[index]!.insert_id}
              row={(index) => <EntryRow entry={items[index]!} words={[]} />}
              active={active}
              onActive={setActive}
              onOpen={(index) => go(explore({ entry: items[index]!.insert_id, at: items[index]!.timestamp }))}
            />
          )
        }
      </Shown>
    </Panel>
  );
}

/** All services, worst first, with a search by name; or one of them. */
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Empty, Shown } from '../element/panel.tsx';
import { useKeys } from '../keyboard.ts';
import { countText } from '../number.ts';
import { useResource } from '../resource.ts';
import { place, setQuery } from '../route.ts';
import type { ViewProps } from '../shell/view.tsx';
import { ServiceGrid } from './grid.tsx';
import { ServiceView } from './service.tsx';

export const ServicesView = ({ name }: ViewProps) =>
  name === null ? <AllServices /> : <ServiceView name={name} />;

const FIRST = 120;

function AllServices() {
  const q = place.value.query.get('q') ?? '';
  const [most, setMost] = useState(FIRST);
  useKeys([
    { keys: '/', text: 'Search services', run: () => document.getElementById('service-search')?.focus() },
  ]);
  const found = useResource(
    `services ${q}`,
    (signal) => api.services({ limit: 2000, ...(q === '' ? {} : { q }) }, signal),
    { everyMs: 5000 },
  );
  return (
    <div class="stack">
      <div class="row">
        <input
          id="service-search"
          class="search-input"
          type="search"
          placeholder="Part of a name"
          aria-label="Search services"
          value={q}
          onInput={(event) => setQuery({ q: event.currentTarget.value }, { replace: true })}
        />
        <span class="muted">
          {found.data === undefined ? '' : `${countText(found.data.items.length)} services, worst first`}
        </span>
      </div>
      <Shown of={found} lines={10}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No service found">
              {q === '' ? 'None wrote in the last hour.' : 'None of that name wrote in the last hour.'}
            </Empty>
          ) : (
            <>
              <ServiceGrid services={items.slice(0, most)} />
              {items.length > most && (
                <button type="button" class="button" onClick={() => setMost(most + 240)}>
                  Show more of {countText(items.length)}
                </button>
              )}
            </>
          )
        }
      </Shown>
    </div>
  );
}

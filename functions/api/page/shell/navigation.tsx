/** The way between views: a rail on the left, a bar at the bottom of a phone. */
import { Icon } from '../element/icon.tsx';
import { now } from '../element/now.ts';
import { type Route, route, VIEWS, type View } from '../route.ts';
import { openIncidents } from './incidents.ts';
import { titleOf } from './view.tsx';

const pathOf = (view: View): string => (view === 'overview' ? '/' : `/${view}`);

export function Navigation() {
  void now.value;
  const here: Route['view'] = route.value.view;
  const open = openIncidents.value;
  return (
    <nav class="rail" aria-label="Views">
      <a class="brand" href="/" aria-label="Logweir, overview">
        <img src="/icon.svg" alt="" width="22" height="22" />
        <span>Logweir</span>
      </a>
      {VIEWS.map((view) => (
        <a key={view} href={pathOf(view)} class="rail-link" aria-current={view === here ? 'page' : undefined}>
          <Icon name={view} />
          <span>{titleOf(view)}</span>
          {view === 'alerts' && open > 0 && (
            <b class="count" title={`${open} open incidents`}>
              {open}
            </b>
          )}
        </a>
      ))}
      <a class="rail-link rail-docs" href="/docs" target="_blank" rel="noopener noreferrer">
        <Icon name="link" />
        <span>API</span>
      </a>
    </nav>
  );
}

/** Where the viewer is: all state that a link should carry stands in the path and the query. */
import { computed, signal } from '@preact/signals';

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

export const place = signal<Place>(here());
addEventListener('popstate', () => {
  place.value = here();
});

export const VIEWS = [
  'overview',
  'services',
  'explore',
  'alerts',
  'sql',
  'models',
  'pipeline',
  'experiments',
] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  readonly view: View | 'nowhere';
  /** What stands behind the view: a service's name, an alert's id; null: nothing. */
  readonly name: string | null;
}

/** The view of a path. Never throws: a name that is no valid encoding is taken as it stands. */
export function routeOf(path: string): Route {
  const [, first = '', ...rest] = path.replace(/\/+$/, '').split('/');
  if (first === '') return { view: 'overview', name: null };
  const view = VIEWS.find((one) => one === first && one !== 'overview');
  if (view === undefined) return { view: 'nowhere', name: null };
  const name = rest.length === 0 ? null : decoded(rest.join('/'));
  return name !== null && view !== 'services' && view !== 'alerts'
    ? { view: 'nowhere', name: null }
    : { view, name };
}

function decoded(text: string): string {
  try {
    // Links name `.` and `..` as `%252E`, because a browser takes `%2E` for a way up.
    return decodeURIComponent(text).replace(/^(?:%2E){1,2}$/, (dots) => dots.replaceAll('%2E', '.'));
  } catch {
    return text;
  }
}

export const route = computed<Route>(() => routeOf(place.value.path));

/** The path of a service's view; a service may be called anything. */
export const servicePath = (name: string): string => `/services/${segment(name)}`;
export const alertPath = (id: string): string => `/alerts/${segment(id)}`;

const segment = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd')).replace(/^\.{1,2}$/, (dots) =>
    dots.replaceAll('.', '%252E'),
  );

/** Goes there; `replace`: without a step back, for what changes while somebody types. */
export function go(to: string, { replace = false } = {}): void {
  if (to === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  const before = place.value.path;
  place.value = here();
  if (!replace && before !== place.value.path) scrollTo(0, 0);
}

export type QueryPatch = Readonly<Record<string, string | readonly string[] | null | undefined>>;

/** The present query with some parameters changed; null, '' or [] takes one out. */
export function patched(query: URLSearchParams, patch: QueryPatch): URLSearchParams {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(patch)) {
    next.delete(name);
    for (const one of Array.isArray(value) ? value : [value ?? '']) if (one !== '') next.append(name, one);
  }
  return next;
}

export function setQuery(patch: QueryPatch, options: { replace?: boolean } = {}): void {
  const text = patched(place.value.query, patch).toString();
  go(location.pathname + (text === '' ? '' : `?${text}`), options);
}

/** Links inside the page change the view without loading it again; all others are the browser's. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.hasAttribute('download')) return;
  if (link.origin !== location.origin || routeOf(link.pathname).view === 'nowhere') return;
  event.preventDefault();
  go(link.pathname + link.search);
}
